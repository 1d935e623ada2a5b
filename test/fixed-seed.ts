// In CI every property test draws from one fixed seed, so that a run says something of the change and not of the draw; elsewhere
// each run draws anew, and a counterexample becomes a test of its own.
import fc from 'fast-check'

const SEED = 20_260_102

if (process.env.CI === 'true') fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: SEED })
