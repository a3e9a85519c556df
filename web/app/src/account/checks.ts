/** Why a field cannot be sent as it is. `taken` and `refused` are the server's; the others are found while one types. */
export type Problem =
  | 'required'
  | 'email'
  | 'too_long'
  | 'username_short'
  | 'username_start'
  | 'username_characters'
  | 'password_short'
  | 'taken'
  | 'refused'

export type Check = (value: string) => Problem | null

/** In characters, as the server counts them. */
export const LIMITS = { email: 254, name: 60, username: 30, password: 128 } as const
export const PASSWORD_MIN = 10
const USERNAME_MIN = 3

/** Characters as people count them, or nearly: an emoji is one and not two. */
export const lengthOf = (text: string): number => [...text].length

export const checkIdentifier: Check = (value) => (value.trim() ? null : 'required')

/** Something on both sides of one `@`. Whether it exists, only a mail can tell. */
export const checkEmail: Check = (value) => {
  const email = value.trim()
  if (!email) return 'required'
  if (lengthOf(email) > LIMITS.email) return 'too_long'
  return /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)*$/.test(email) ? null : 'email'
}

export const checkName: Check = (value) => {
  const name = value.trim()
  if (!name) return 'required'
  return lengthOf(name) > LIMITS.name ? 'too_long' : null
}

export const checkUsername: Check = (value) => {
  const username = value.trim()
  if (!username) return 'required'
  if (!/^[a-z0-9_.-]*$/i.test(username)) return 'username_characters'
  if (!/^[a-z0-9]/i.test(username)) return 'username_start'
  if (username.length > LIMITS.username) return 'too_long'
  return username.length < USERNAME_MIN ? 'username_short' : null
}

export const checkNewPassword: Check = (password) => {
  if (!password) return 'required'
  if (lengthOf(password) > LIMITS.password) return 'too_long'
  return lengthOf(password) < PASSWORD_MIN ? 'password_short' : null
}

/** The present one may be from before today's rules. */
export const checkPassword: Check = (password) => (password ? null : 'required')
