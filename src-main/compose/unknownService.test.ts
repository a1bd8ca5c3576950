import { describe, expect, it } from 'vitest';
import { requireServices } from './unknownService.ts';

const project = { name: 'shop', services: { api: {}, db: {} }, disabledServices: { seed: {} } };

describe('requireServices', () => {
  it('knows the services of every profile', () => {
    expect(() => requireServices(project, ['api', 'seed'])).not.toThrow();
  });

  it('says what was most likely meant', () => {
    expect(() => requireServices(project, ['api', 'apii'])).toThrow(
      expect.objectContaining({
        error: expect.objectContaining({ kind: 'notFound', hint: 'Did you mean api?' }),
      }),
    );
  });

  it('lists what there is where nothing is near', () => {
    expect(() => requireServices(project, ['elasticsearch'])).toThrow(
      expect.objectContaining({ error: expect.objectContaining({ hint: 'There are api, db, seed.' }) }),
    );
  });

  it('takes no name of JavaScript for a service', () => {
    expect(() => requireServices(project, ['constructor'])).toThrow(
      'There is no service constructor in shop.',
    );
  });
});
