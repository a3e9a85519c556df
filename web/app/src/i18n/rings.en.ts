export const ringsEn = {
  rings: {
    video: 'Video call',
    audio: 'Audio call',
    incoming: (name: string) => `${name} is calling`,
    inGroup: (title: string) => `“${title}”`,
    accept: 'Accept',
    withoutCamera: 'Accept without camera',
    decline: 'Decline',
    joining: 'Joining…',
    leaves: 'If you accept, you leave the meeting that you are in.',
    calling: (name: string) => `Calling ${name}…`,
    giveUp: 'Cancel the call',
    declined: (name: string) => `${name} declined.`,
    busy: (name: string) => `${name} is busy right now.`,
    missed: (name: string) => `${name} did not answer.`,
    allDeclined: 'Everybody declined.',
    allBusy: 'Everybody is busy right now.',
    allMissed: 'Nobody answered.',
    nobody: 'Nobody could take the call.',
    again: 'Call again',
    write: 'Write a message',
    notAllowed: 'You cannot call here yet: they have to accept your messages first.',
    over: 'This call is over.',
    notDone: (why: string) => `That did not work: ${why}`,
  },
}

export type RingsTexts = typeof ringsEn
