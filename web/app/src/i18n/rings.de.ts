import type { RingsTexts } from './rings.en'

export const ringsDe: RingsTexts = {
  rings: {
    video: 'Videoanruf',
    audio: 'Sprachanruf',
    incoming: (name) => `${name} ruft an`,
    inGroup: (title) => `„${title}“`,
    accept: 'Annehmen',
    withoutCamera: 'Ohne Kamera',
    decline: 'Ablehnen',
    joining: 'Wird verbunden …',
    leaves: 'Wenn du annimmst, verlässt du das Treffen, in dem du bist.',
    calling: 'Wird angerufen …',
    giveUp: 'Anruf abbrechen',
    declined: 'Dein Anruf wurde abgelehnt.',
    busy: 'Gerade beschäftigt.',
    missed: 'Keine Antwort.',
    nobody: 'Niemand konnte den Anruf annehmen.',
    again: 'Noch einmal anrufen',
    write: 'Nachricht schreiben',
    notAllowed: 'Hier kannst du noch nicht anrufen: Erst müssen deine Nachrichten angenommen werden.',
    over: 'Dieser Anruf ist vorbei.',
    notDone: (why) => `Das ging nicht: ${why}`,
  },
}
