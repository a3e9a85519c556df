import type { SearchMessages } from './search.en'

const plural = (count: number, one: string, many: string): string => (count === 1 ? one : many)

export const searchDe: SearchMessages = {
  search: {
    title: 'Suche',
    titleFor: (query: string) => `${query} · Suche`,
    placeholder: 'Leute, Beiträge, Räume suchen',
    label: 'Leute, Beiträge und Räume suchen',
    hint: 'Pfeiltasten wählen, die Eingabetaste öffnet, Entf entfernt eine letzte Suche, Escape schließt.',
    suggestions: 'Suchergebnisse',
    people: 'Leute',
    posts: 'Beiträge',
    rooms: 'Deine Räume',
    tabs: 'Was gesucht wird',
    all: (query: string) => `Alles zu „${query}“`,
    recent: 'Letzte Suchen',
    forget: (query: string) => `Die Suche ${query} entfernen`,
    clear: 'Leeren',
    nothing: (query: string) => `Nichts gefunden zu „${query}“`,
    nothingText:
      'Prüfe die Schreibweise oder versuche weniger Buchstaben. Auch die genaue E-Mail-Adresse geht, wenn jemand das erlaubt.',
    noPeople: (query: string) => `Niemand gefunden zu „${query}“`,
    noPosts: (query: string) => `Keine Beiträge gefunden zu „${query}“`,
    noPostsText: 'Gesucht wird nur in Beiträgen, die du lesen darfst.',
    postNumbers: (likes: number, comments: number) =>
      `${likes} × gefällt das · ${comments} ${plural(comments, 'Kommentar', 'Kommentare')}`,
    noRooms: (query: string) => `Keiner deiner Räume heißt „${query}“`,
    noRoomsText: 'Gesucht wird nur in Räumen, die du selbst angelegt hast.',
    found: (count: number) => `${count} ${plural(count, 'Ergebnis', 'Ergebnisse')}`,
    failed: 'Die Suche hat nicht geklappt.',
    start: 'Was suchst du?',
    startText: 'Namen, Benutzernamen, Wörter aus Beiträgen, deine Räume. Akzente und Großbuchstaben sind egal.',
    end: (count: string) => `Das ist alles: ${count}.`,
  },
}
