import path from 'node:path';
import { type Disposable, Disposables } from '#base/disposables.ts';
import { Emitter } from '#base/emitter.ts';
import { loadProject } from '#compose/load.ts';
import type { ComposeFileReader, LoadResult } from '#compose/loadOptions.ts';
import type { MissingVariable, Project } from '#compose/project.ts';
import { requireServices } from '#compose/unknownService.ts';
import { type AppError, AppFailure } from '#contract/errors.ts';
import type { ProjectStatus } from '#contract/model.ts';
import { fileStamps } from '#disk/fileStamps.ts';
import { FileWatch } from '#disk/fileWatch.ts';
import { DiskReader } from './composeReader.ts';
import { readGitHead } from './gitBranch.ts';

/** What Slipway decides for a project stands here, beside the user's files. */
export const OVERRIDE_FILE = '.slipway/override.yaml';

/** Which files make the project. Paths are absolute. */
export interface ProjectRequest {
  readonly folder: string;
  readonly files?: readonly string[] | undefined;
  readonly profiles?: readonly string[] | undefined;
  readonly projectName?: string | undefined;
  readonly envFiles?: readonly string[] | undefined;
  readonly projectDirectory?: string | undefined;
}

/** One project's files: loaded, watched, and loaded again when they change. */
export class ProjectSource implements Disposable {
  readonly changes = new Emitter<void>();
  readonly #environment: Readonly<Record<string, string>>;
  readonly #disposables = new Disposables();
  readonly #watch: FileWatch;
  #request: ProjectRequest;
  #result: LoadResult | undefined;
  #lastGood: Project | undefined;
  #branch: string | undefined;
  #loading: Promise<void> | undefined;
  #again = false;
  #files: readonly string[] = [];
  #stamps = '';

  constructor(request: ProjectRequest, environment: Readonly<Record<string, string>>) {
    this.#request = request;
    this.#environment = environment;
    this.#watch = this.#disposables.add(new FileWatch(() => void this.load()));
  }

  get request(): ProjectRequest {
    return this.#request;
  }

  get branch(): string | undefined {
    return this.#branch;
  }

  get status(): ProjectStatus {
    const result = this.#result;
    if (result === undefined) return { type: 'loading' };
    if (result.type === 'invalid') return { type: 'invalid', errors: result.errors };
    const warnings = result.warnings.map(({ message, position: at }) => ({ message, at }));
    return { type: 'loaded', warnings };
  }

  /** The last project that could be read: what is shown while a file is being edited. Not to be run. */
  get shown(): Project | undefined {
    return this.#lastGood;
  }

  /** Throws `notFound` for the first of the names that is no service of the files, as they could be read last. */
  requireServices(names: readonly string[]): void {
    if (this.#lastGood) requireServices(this.#lastGood, names);
  }

  /** The name under which the containers run; of a file that cannot be read, what could be made out. */
  get name(): string {
    const partial = this.#result?.type === 'invalid' ? this.#result.partial?.name : undefined;
    return this.#lastGood?.name ?? partial ?? path.basename(this.#request.folder);
  }

  get missingVariables(): readonly MissingVariable[] {
    return this.#result?.type === 'invalid' ? this.#result.missingVariables : [];
  }

  /** The project as the files are now. Throws what is wrong with them. */
  require(): Project {
    if (this.#result?.type === 'loaded') return this.#result.project;
    const errors = this.#result?.type === 'invalid' ? this.#result.errors : [];
    throw new AppFailure(oneError(errors));
  }

  async setProfiles(profiles: readonly string[]): Promise<void> {
    this.#request = { ...this.#request, profiles };
    await this.load();
  }

  /** Reads the files now. A change in the middle of a load makes one more load. */
  async load(): Promise<void> {
    this.#again = true;
    this.#loading ??= this.#loadAll().finally(() => {
      this.#loading = undefined;
    });
    await this.#loading;
  }

  /** Reads the files again if one was written since: who saves and boots at once means what was saved. */
  async loadIfChanged(): Promise<void> {
    if (this.#loading !== undefined || (await fileStamps(this.#files)) !== this.#stamps) await this.load();
  }

  /** The project as it would be with another override; nothing here changes. Throws what would be wrong with it. */
  async loadWith(override: string | undefined): Promise<Project> {
    const result = await this.#read(new OverriddenReader(override));
    if (result.type === 'loaded') return result.project;
    throw new AppFailure(oneError(result.errors));
  }

  dispose(): Promise<void> {
    return this.#disposables.dispose();
  }

  #read(reader: ComposeFileReader): Promise<LoadResult> {
    const { folder, ...request } = this.#request;
    const environment = this.#environment;
    return loadProject({
      ...request,
      workingDir: folder,
      environment,
      reader,
      overrideFiles: [OVERRIDE_FILE],
    });
  }

  async #loadAll(): Promise<void> {
    while (this.#again && !this.#disposables.disposed) {
      this.#again = false;
      await this.#loadOnce();
    }
  }

  async #loadOnce(): Promise<void> {
    const reader = new DiskReader();
    const [result, head] = await Promise.all([this.#read(reader), readGitHead(this.#request.folder)]);
    const stamps = await fileStamps(reader.asked);
    if (this.#disposables.disposed) return;
    this.#result = result;
    this.#branch = head?.branch;
    if (result.type === 'loaded') this.#lastGood = result.project;
    this.#files = reader.asked;
    this.#stamps = stamps;
    this.#watch.set([...reader.asked, ...(head === undefined ? [] : [head.file])]);
    this.changes.emit();
  }
}

/** The files as they are, but for Slipway's own override. */
class OverriddenReader extends DiskReader {
  readonly #override: string | undefined;

  constructor(override: string | undefined) {
    super();
    this.#override = override;
  }

  override async readText(file: string, limit: number): Promise<string | undefined> {
    return isOverride(file) ? this.#override : super.readText(file, limit);
  }

  override async kind(file: string): Promise<'file' | 'folder' | 'other' | undefined> {
    if (isOverride(file)) return this.#override === undefined ? undefined : 'file';
    return super.kind(file);
  }
}

function isOverride(file: string): boolean {
  return file.endsWith(path.normalize(`/${OVERRIDE_FILE}`));
}

/** Several errors of the files as one that holds them all. */
function oneError(errors: readonly AppError[]): AppError {
  const [only] = errors;
  if (only !== undefined && errors.length === 1) return only;
  const message =
    errors.length === 0
      ? 'The compose files have not been read yet.'
      : `The compose files have ${errors.length} errors.`;
  return { kind: 'run.failed', message, failures: errors.map((error) => ({ error })) };
}
