const plural = (count: number, one: string, many: string): string => (count === 1 ? one : many)

export const attachmentsEn = {
  files: {
    attach: 'Attach files',
    dropHere: 'Drop files here to attach them',
    tray: 'Attached files',
    stay: 'They stay here while this tab is open.',
    willGo: 'Goes off as soon as all files are up.',
    sendWhenUp: 'Send as soon as all files are up',
    notYet: 'Retry or remove what failed first',
    uploading: (name: string) => `Uploading ${name}`,
    queued: 'Waiting',
    paused: 'No connection: goes on by itself',
    ready: 'Uploaded',
    cancel: (name: string) => `Cancel ${name}`,
    remove: (name: string) => `Remove ${name}`,
    retry: (name: string) => `Go on with ${name}`,
    refused: (name: string, why: string) => `${name}: ${why}`,
    dismiss: 'Dismiss',
    empty: 'The file is empty.',
    folder: 'Folders cannot be attached. Pack it into an archive first.',
    tooLarge: (most: string) => `Larger than ${most}.`,
    imageTooLarge: (most: string) => `Pictures have at most ${most} and 40 megapixels.`,
    photo: 'This photo says where it was taken, and that cannot be taken out of its format. Send it as JPEG or PNG.',
    broken: 'This picture is damaged.',
    tooMany: (count: string, number: number, most: string) =>
      `A message has at most ${most} files: ${count} ${plural(number, 'was', 'were')} left out.`,
    noRoom:
      'Your room for files is full: 200 MB may wait to be sent, and 2 GB are kept. Remove what waits, or delete old messages with files.',
    gone: 'Its files have waited too long. Discard it, and attach them again.',
    photos: (count: string, number: number) => (number === 1 ? 'Photo' : `${count} photos`),
    videos: (count: string, number: number) => (number === 1 ? 'Video' : `${count} videos`),
    sounds: (count: string, number: number) => (number === 1 ? 'Audio' : `${count} audio files`),
    file: (name: string) => `File: ${name}`,
    files: (count: string) => `${count} files`,
    beside: (what: string, text: string) => `${what} · ${text}`,
    download: (name: string) => `Download ${name}`,
    unplayable: 'cannot be played here',
    viewerFailed: 'The picture could not be opened.',
  },
}

export type AttachmentsTexts = typeof attachmentsEn
