export const ringsEn = {
  rings: {
    video: 'Video call',
    audio: 'Audio call',
    incoming: (name: string) => `${name} is calling`,
    inGroup: (title: string) => `“${title}”`,
    accept: 'Accept',
    withoutCamera: 'Without camera',
    decline: 'Decline',
    joining: 'Joining…',
    leaves: 'If you accept, you leave the meeting that you are in.',
    calling: 'Calling…',
    giveUp: 'Cancel the call',
    declined: 'Your call was declined.',
    busy: 'Busy right now.',
    missed: 'No answer.',
    nobody: 'Nobody could take the call.',
    again: 'Call again',
    write: 'Write a message',
    notAllowed: 'You cannot call here yet: they have to accept your messages first.',
    over: 'This call is over.',
    notDone: (why: string) => `That did not work: ${why}`,
  },
}

export type RingsTexts = typeof ringsEn
