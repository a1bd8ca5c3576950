import { expect, test } from 'vitest';
import { isPressed, keyText } from './keys.ts';

const none = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };

test('a chord is written as the machine writes it', () => {
  expect(keyText('mod+shift+p', true)).toBe('⌘⇧P');
  expect(keyText('mod+shift+p', false)).toBe('Ctrl Shift P');
});

test('mod is one key on a Mac and another elsewhere', () => {
  expect(isPressed({ ...none, key: 'k', metaKey: true }, 'mod+k', true)).toBe(true);
  expect(isPressed({ ...none, key: 'k', ctrlKey: true }, 'mod+k', true)).toBe(false);
  expect(isPressed({ ...none, key: 'k', ctrlKey: true }, 'mod+k', false)).toBe(true);
});

test('a letter with another modifier is another chord', () => {
  expect(isPressed({ ...none, key: 'R', shiftKey: true }, 'r', false)).toBe(false);
  expect(isPressed({ ...none, key: 'r', ctrlKey: true }, 'r', false)).toBe(false);
  expect(isPressed({ ...none, key: 'r' }, 'r', false)).toBe(true);
});

test('a sign that needs shift on some keyboards is the sign', () => {
  expect(isPressed({ ...none, key: '/', shiftKey: true }, '/', false)).toBe(true);
  expect(isPressed({ ...none, key: '?', shiftKey: true }, '?', false)).toBe(true);
});

test('Alt and a digit is the digit, whatever sign the keyboard writes with Alt', () => {
  const option1 = { ...none, key: '¡', code: 'Digit1', altKey: true };
  expect(isPressed(option1, 'alt+1', true)).toBe(true);
  expect(isPressed(option1, 'alt+2', true)).toBe(false);
  expect(isPressed({ ...none, key: '&', code: 'Digit1', altKey: true }, 'alt+1', false)).toBe(true);
  expect(isPressed({ ...none, key: '1', code: 'Numpad1', altKey: true }, 'alt+1', false)).toBe(true);
  expect(isPressed({ ...none, key: '1', code: 'Digit1' }, 'alt+1', false)).toBe(false);
});
