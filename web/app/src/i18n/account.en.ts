/** The texts around signing in. */
export const accountEn = {
  session: {
    ended: 'You have been signed out.',
    unreachable: 'Your account is shown as soon as the server answers.',
  },
}
