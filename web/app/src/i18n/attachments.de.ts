import type { AttachmentsTexts } from './attachments.en'

const plural = (count: number, one: string, many: string): string => (count === 1 ? one : many)

export const attachmentsDe: AttachmentsTexts = {
  files: {
    attach: 'Dateien anhängen',
    dropHere: 'Dateien hier ablegen, um sie anzuhängen',
    tray: 'Angehängte Dateien',
    stay: 'Sie bleiben hier, solange dieser Tab offen ist.',
    willGo: 'Geht ab, sobald alle Dateien oben sind.',
    sendWhenUp: 'Senden, sobald alle Dateien oben sind',
    notYet: 'Erst wiederholen oder entfernen, was nicht ging',
    uploading: (name) => `${name} wird hochgeladen`,
    queued: 'Wartet',
    paused: 'Keine Verbindung: geht von selbst weiter',
    ready: 'Hochgeladen',
    cancel: (name) => `${name} abbrechen`,
    remove: (name) => `${name} entfernen`,
    retry: (name) => `Weiter mit ${name}`,
    refused: (name, why) => `${name}: ${why}`,
    dismiss: 'Schließen',
    empty: 'Die Datei ist leer.',
    folder: 'Ordner lassen sich nicht anhängen. Pack ihn erst in ein Archiv.',
    tooLarge: (most) => `Größer als ${most}.`,
    imageTooLarge: (most) => `Bilder haben höchstens ${most} und 40 Megapixel.`,
    photo:
      'Dieses Foto verrät, wo es entstand, und aus seinem Format lässt sich das nicht entfernen. Schick es als JPEG oder PNG.',
    broken: 'Dieses Bild ist beschädigt.',
    tooMany: (count, number, most) =>
      `Eine Nachricht hat höchstens ${most} Dateien: ${count} ${plural(number, 'wurde', 'wurden')} weggelassen.`,
    noRoom:
      'Dein Platz für Dateien ist voll: 200 MB dürfen aufs Senden warten, und 2 GB werden aufbewahrt. Entferne, was wartet, oder lösche alte Nachrichten mit Dateien.',
    gone: 'Ihre Dateien haben zu lange gewartet. Verwirf sie, und häng die Dateien noch einmal an.',
    photos: (count, number) => (number === 1 ? 'Foto' : `${count} Fotos`),
    videos: (count, number) => (number === 1 ? 'Video' : `${count} Videos`),
    sounds: (count, number) => (number === 1 ? 'Audio' : `${count} Audiodateien`),
    file: (name) => `Datei: ${name}`,
    files: (count) => `${count} Dateien`,
    beside: (what, text) => `${what} · ${text}`,
    download: (name) => `${name} herunterladen`,
    unplayable: 'lässt sich hier nicht abspielen',
    viewerFailed: 'Das Bild ließ sich nicht öffnen.',
  },
}
