import type { Messages } from './en'
export const de = {} as Messages
