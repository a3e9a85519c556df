import type { Image, OwnProfile } from '@confab/sdk/api'
import { errorCode } from '../api/client'
import { social } from '../api/social'
import { type Editable, type EditStatus, type OwnState, ProfileEdit } from './edit'

/** One's own profile for components: `ProfileEdit` as a state. */
export class OwnProfileStore {
  readonly edit: ProfileEdit
  #state: OwnState

  constructor(profile: OwnProfile) {
    this.edit = new ProfileEdit(profile, {
      send: (change) => social.changeProfile(change),
      failureOf: (error) => ({ code: errorCode(error), message: error instanceof Error ? error.message : '' }),
      changed: (state) => (this.#state = state),
    })
    this.#state = $state.raw(this.edit.state)
  }

  get profile(): OwnProfile {
    return this.#state.profile
  }

  status(field: Editable): EditStatus | undefined {
    return this.#state.status[field]
  }

  setImage(kind: 'picture' | 'cover', image: Image | null): void {
    this.edit.adopt({ [kind]: image })
  }
}
