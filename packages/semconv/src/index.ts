export * from './attributes.js';
export * from './dialect-attributes.js';
export * from './environment.js';
export * from './foreign-attributes.js';
export * from './metrics.js';
export * from './values.js';
