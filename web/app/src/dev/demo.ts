/**
 * What the demo shows, by the address, e.g. `/r/k3vq-8c2m-x0tz-9hdr?people=9&screens=1&chat`.
 * Also: `host`, `room=gone|locked|offline`, `devices=permission_denied|device_not_found|device_busy|insecure_context`,
 * `me` (signed in), `registration=closed`, `verify=failed`, `login=email_not_verified|deletion_pending|..`,
 * `nobody` (an empty directory), `blank` (an empty profile), `readonly` (nothing can be saved), `slow` (uploads take long),
 * `state=reconnecting`, `closed=removed|room_ended|signed_out|replaced|failed`, `blocked`, `mutedspeech`, `busy` (people come and go, and
 * do what one is notified of), `unread=3` (notifications), `ring=video|audio|group` (somebody calls), `rung=ringing|accepted|declined|busy|missed|nobody`
 * (what becomes of a call of one's own).
 */
const query = new URLSearchParams(location.search)

export const demo = {
  people: Number(query.get('people') ?? 4),
  screens: Number(query.get('screens') ?? 0),
  chat: query.has('chat'),
  host: query.has('host'),
  room: query.get('room'),
  devices: query.get('devices'),
  state: query.get('state'),
  closed: query.get('closed'),
  blocked: query.has('blocked'),
  mutedspeech: query.has('mutedspeech'),
  busy: query.has('busy'),
  me: query.has('me'),
  registration: query.get('registration') !== 'closed',
  development: !query.has('production'),
  verify: query.get('verify'),
  /** How signing in is refused. */
  login: query.get('login'),
  nobody: query.has('nobody'),
  blank: query.has('blank'),
  readonly: query.has('readonly'),
  unread: Number(query.get('unread') ?? 3),
  slow: query.has('slow'),
  ring: query.get('ring'),
  rung: query.get('rung'),
  /** How every other call is refused. */
  refuse: query.get('refuse'),
}

export const ROOM_NAME = 'Thursday design review'

const NAMES = `Ann Petrova|Bao Nguyen|Carla Jiménez|Dmitri Ivanov|Esra Yılmaz|Femi Adeyemi|Grace O’Neil|Hiroshi Tanaka|
Ines Rossi|李小龍|Kofi Mensah|Lena Schröder|Maximiliane-Charlotte von Hohenlohe|Noor Haddad|Omar Farouk|Priya Raman|Quinn|Rosa Lind|
Sven Dahl|Tomás Silva|Uma Devi|Viktor Novak|Wanjiru Kamau|Xiu Ying|Yosef Levi|Zoë de Wit|Abel Cruz|Bilal Aziz`.split(
  '|',
)

export const nameAt = (index: number): string => (NAMES[index % NAMES.length] ?? '').trim()

const LINES = [
  'Morning! Is everybody here?',
  'Almost. Carla is on the train until ten past.',
  'The new flow is at https://design.example.org/flows/lobby?rev=14 (second tab).',
  'Looks calm. I like that the stage does not jump any more when somebody coughs.',
  'One thing: on a 360 px phone the name gets cut.',
  'Fixed in the afternoon build 🙂',
  'ممتاز، شكرا',
  'Then let’s look at it together. I will share my screen in a minute, after the numbers.',
]
export const lineAt = (index: number): string => LINES[index % LINES.length] ?? ''
