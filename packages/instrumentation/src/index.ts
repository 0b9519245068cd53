export { CostspanInstrumentation, type CostspanInstrumentationConfig } from './instrumentation.js';
