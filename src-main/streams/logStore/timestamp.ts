/**
 * Reads the timestamp that the engine puts before each message: RFC 3339 with nanoseconds and a blank, from bytes, without
 * making an object. Docker writes nine digits always; podman leaves zeros out; other drivers than json-file write the engine's own zone.
 */
export class TimestampReader {
  secs = 0;
  nanos = 0;
  #day = -1;
  #daySecs = 0;

  /** Where the message begins, behind the blank; -1 when there is no timestamp at `at`. */
  read(bytes: Uint8Array, at: number, end: number): number {
    if (end - at < 21 || bytes[at + 10] !== 0x54 || bytes[at + 4] !== 0x2d || bytes[at + 13] !== 0x3a)
      return -1;
    const year = two(bytes, at) * 100 + two(bytes, at + 2);
    const month = two(bytes, at + 5);
    const day = two(bytes, at + 8);
    const hour = two(bytes, at + 11);
    const minute = two(bytes, at + 14);
    const second = two(bytes, at + 17);
    if (bytes[at + 7] !== 0x2d || bytes[at + 16] !== 0x3a) return -1;
    if ((year | month | day | hour | minute | second) < 0) return -1;
    const key = (year * 13 + month) * 32 + day;
    if (key !== this.#day) {
      this.#day = key;
      this.#daySecs = Date.UTC(year, month - 1, day) / 1000;
    }
    const zoneAt = this.#readFraction(bytes, at + 19, end);
    const zone = bytes[zoneAt];
    if (zone === 0x5a) {
      if (bytes[zoneAt + 1] !== 0x20 || zoneAt + 1 >= end) return -1;
      this.secs = this.#daySecs + hour * 3600 + minute * 60 + second;
      return zoneAt + 2;
    }
    return this.#readZone(bytes, zoneAt, end, this.#daySecs + hour * 3600 + minute * 60 + second);
  }

  #readFraction(bytes: Uint8Array, at: number, end: number): number {
    let nanos = 0;
    let digits = 0;
    let here = at;
    if (bytes[here] === 0x2e) {
      here++;
      while (here < end && digits < 9) {
        const digit = (bytes[here] ?? 0) - 0x30;
        if (digit < 0 || digit > 9) break;
        nanos = nanos * 10 + digit;
        digits++;
        here++;
      }
    }
    for (; digits < 9; digits++) nanos *= 10;
    this.nanos = nanos;
    return here;
  }

  #readZone(bytes: Uint8Array, at: number, end: number, local: number): number {
    const sign = bytes[at] === 0x2b ? -1 : bytes[at] === 0x2d ? 1 : 0;
    if (sign === 0 || end - at < 7 || bytes[at + 3] !== 0x3a || bytes[at + 6] !== 0x20) return -1;
    this.secs = local + sign * (two(bytes, at + 1) * 3600 + two(bytes, at + 4) * 60);
    return at + 7;
  }
}

/** Two digits; negative when they are none. */
function two(bytes: Uint8Array, at: number): number {
  const tens = (bytes[at] ?? 0) - 0x30;
  const ones = (bytes[at + 1] ?? 0) - 0x30;
  return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? -100_000 : tens * 10 + ones;
}
