import type { OwnProfile, ProfileField, ProfileChange } from '@confab/sdk/api'

/** What one edits and saves as a whole. */
export type Editable =
  | 'name'
  | 'bio'
  | 'about'
  | 'address'
  | 'country'
  | 'links'
  | 'findable_by_email'
  | 'messages_from'
  | 'shows_presence'
  | `visibility.${ProfileField}`

/** How the last change of a field fared. Without one there is nothing to tell. */
export type EditStatus =
  | { kind: 'saving' }
  | { kind: 'removed'; undo: ProfileChange }
  | { kind: 'failed'; code: string; message: string; patch: ProfileChange }

export interface OwnState {
  readonly profile: OwnProfile
  readonly status: Partial<Record<Editable, EditStatus>>
}

interface Options {
  send: (patch: ProfileChange) => Promise<OwnProfile>
  failureOf: (error: unknown) => { code: string; message: string }
  changed: (state: OwnState) => void
}

/**
 * One's own profile, edited at once and saved behind one's back. What the server refuses goes back to what it was, and
 * waits to be tried again. Changes are sent one after the other, so that the last one also arrives last.
 */
export class ProfileEdit {
  readonly #options: Options
  #state: OwnState
  /** What the server is known to have. */
  #saved: OwnProfile
  #queue: Promise<unknown> = Promise.resolve()
  /** The newest change of each field: an older answer must not undo it. */
  readonly #newest = new Map<Editable, ProfileChange>()

  constructor(profile: OwnProfile, options: Options) {
    this.#state = { profile, status: {} }
    this.#saved = profile
    this.#options = options
  }

  get state(): OwnState {
    return this.#state
  }

  /** Shows the change now and saves it. Resolves when the server has answered, whatever it said. */
  save(field: Editable, patch: ProfileChange): Promise<void> {
    this.#newest.set(field, patch)
    this.#set(field, patch, { kind: 'saving' })
    const sent = this.#queue.then(async () => {
      const before = reverse(patch, this.#saved)
      try {
        this.#saved = await this.#options.send(patch)
        if (this.#newest.get(field) !== patch) return
        const now = reverse(patch, this.#saved)
        this.#set(field, now, removes(patch) ? { kind: 'removed', undo: before } : undefined)
      } catch (error) {
        if (this.#newest.get(field) !== patch) return
        this.#set(field, before, { kind: 'failed', ...this.#options.failureOf(error), patch })
      }
    })
    this.#queue = sent
    return sent
  }

  /** Sends again what failed. */
  async retry(field: Editable): Promise<void> {
    const status = this.#state.status[field]
    if (status?.kind === 'failed') await this.save(field, status.patch)
  }

  /** Puts back what was removed. */
  async undo(field: Editable): Promise<void> {
    const status = this.#state.status[field]
    if (status?.kind === 'removed') await this.save(field, status.undo)
  }

  /** Forgets how the last change fared: its notice goes. */
  dismiss(field: Editable): void {
    if (this.#state.status[field]?.kind !== 'saving') this.#set(field, {}, undefined)
  }

  /** What another way has changed: a picture was uploaded. */
  adopt(change: Pick<Partial<OwnProfile>, 'picture' | 'cover'>): void {
    this.#state = { ...this.#state, profile: { ...this.#state.profile, ...change } }
    this.#options.changed(this.#state)
  }

  #set(field: Editable, patch: ProfileChange, status: EditStatus | undefined): void {
    const { [field]: _, ...others } = this.#state.status
    this.#state = {
      profile: apply(patch, this.#state.profile),
      status: status ? { ...others, [field]: status } : others,
    }
    this.#options.changed(this.#state)
  }
}

function apply(patch: ProfileChange, profile: OwnProfile): OwnProfile {
  const { visibility, links, ...fields } = patch
  return {
    ...profile,
    ...(fields as Partial<OwnProfile>),
    ...(links === undefined ? {} : { links: links ?? [] }),
    visibility: { ...profile.visibility, ...visibility },
  }
}

/** The patch of the same fields that makes any profile like this one. */
function reverse(patch: ProfileChange, profile: OwnProfile): ProfileChange {
  const { visibility, ...fields } = patch
  const same = Object.fromEntries(Object.keys(fields).map((key) => [key, profile[key as keyof OwnProfile]]))
  if (!visibility) return same
  const kept = Object.keys(visibility).map((key) => [key, profile.visibility[key as keyof typeof visibility]])
  return { ...same, visibility: Object.fromEntries(kept) }
}

const removes = (patch: ProfileChange): boolean =>
  Object.values(patch).every((value) => value === null || (Array.isArray(value) && value.length === 0))
