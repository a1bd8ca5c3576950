import type { Problems } from './problems.ts';
import type { Service } from './project.ts';
import type { PlaceFinder } from './sourceMap.ts';
import { renderPath, type Step } from './treePath.ts';

/** Attributes that a single Docker engine cannot honour, and why. */
const UNSUPPORTED: readonly { readonly steps: readonly string[]; readonly why: string }[] = [
  { steps: ['deploy', 'placement'], why: 'a single engine has no other node to place it on' },
  { steps: ['deploy', 'update_config'], why: 'only a swarm rolls updates out' },
  { steps: ['deploy', 'rollback_config'], why: 'only a swarm rolls updates back' },
  { steps: ['deploy', 'endpoint_mode'], why: 'only a swarm has virtual addresses of services' },
  { steps: ['credential_spec'], why: 'it is for Windows containers' },
  { steps: ['isolation'], why: 'it is for Windows containers' },
  { steps: ['provider'], why: 'the program that provides the service is not run' },
  { steps: ['models'], why: 'the engine serves no models' },
];

/** Attributes that work only where the engine has been made ready for them: a container that has one may not start. */
const DEMANDING: readonly { readonly steps: readonly string[]; readonly needs: string }[] = [
  {
    steps: ['gpus'],
    needs: 'an engine with a driver for graphics cards, such as the NVIDIA Container Toolkit',
  },
  {
    steps: ['deploy', 'resources', 'reservations', 'devices'],
    needs: 'an engine with a driver for these devices, such as the NVIDIA Container Toolkit',
  },
];

/** A device of the Container Device Interface: `vendor.com/class=name`. */
const CDI_NAME = /^[\w.-]+\/[\w-]+=[\w:.-]+$/;

/** The beginning of a path on a drive, as one that is meant for Linux looks. */
const DRIVE = /^[A-Za-z]:\//;

/** Names what stands in the files and will have no effect, or needs more than any engine has: a warning each, not a silence. */
export function warnUnsupported(
  services: Readonly<Record<string, Service>>,
  { problems, placeOf }: { readonly problems: Problems; readonly placeOf: PlaceFinder },
): void {
  for (const [name, service] of Object.entries(services))
    for (const { steps, what } of remarks(service)) {
      const whole: Step[] = ['services', name, ...steps];
      const path = renderPath(whole);
      const message = `${path} ${what}.`;
      problems.warn({ kind: 'attribute.unsupported', message, path }, placeOf(whole));
    }
}

interface Remark {
  readonly steps: readonly Step[];
  readonly what: string;
}

function remarks(service: Service): readonly Remark[] {
  return [
    ...UNSUPPORTED.filter(({ steps }) => has(service, steps)).map(({ steps, why }) => ({
      steps,
      what: `has no effect here: ${why}`,
    })),
    ...DEMANDING.filter(({ steps }) => has(service, steps)).map(({ steps, needs }) => ({
      steps,
      what: `needs ${needs}`,
    })),
    ...cdiDevices(service),
    ...driveTargets(service),
  ];
}

function cdiDevices({ devices = [] }: Service): readonly Remark[] {
  return devices.flatMap(({ source = '' }, index) =>
    CDI_NAME.test(source)
      ? [
          {
            steps: ['devices', index],
            what: `(${source}) needs Docker Engine 25 or newer with this device described to it (CDI)`,
          },
        ]
      : [],
  );
}

/** `d:/var/lib` is one path for whoever reads a mount in the short form; nobody who writes it on Linux means that. */
function driveTargets({ volumes = [] }: Service): readonly Remark[] {
  return volumes.flatMap(({ source, target = '' }, index) =>
    source === undefined && DRIVE.test(target)
      ? [
          {
            steps: ['volumes', index],
            what: `(${target}) names a place on a Windows drive; a volume called ${target.charAt(0)} needs the long form, with source and target`,
          },
        ]
      : [],
  );
}

function has(value: unknown, steps: readonly string[]): boolean {
  let at = value;
  for (const step of steps) {
    if (at === null || typeof at !== 'object') return false;
    at = (at as Record<string, unknown>)[step];
  }
  return at !== undefined && at !== null && (typeof at !== 'object' || Object.keys(at).length > 0);
}
