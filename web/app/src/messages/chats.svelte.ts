import type {
  Conversation,
  ConversationChange,
  EventStream,
  NewChatRoom,
  NewConversation,
  SocialEvent,
} from '@confab/sdk/api'
import { untrack } from 'svelte'
import { session } from '../account/session.svelte'
import { errorCode } from '../api/client'
import { social } from '../api/social'
import type { ImagePlace } from '../people/imageUpload.svelte'
import { forget, readStored, store } from '../ui/storage'
import { Chat } from './chat.svelte'
import { type Box, type BoxState, ChatList, isOutside } from './chatList'
import { KeptStore } from './kept'
import { TypingPeople } from './typing'

/** Conversations that stay in memory, so that one is back in them at once. */
const MAX_OPEN = 12

const storage = { read: (key: string) => readStored<unknown>(key, null), write: store, forget }

let version = $state(0)
let typingVersion = $state(0)
let list = makeList('')
let kept = new KeptStore(storage, '')
let me = ''
/** The last opened is the last. */
const open = new Map<string, Chat>()
const typing = new TypingPeople(() => typingVersion++)

function makeList(me: string): ChatList {
  return new ChatList({
    list: (box, wish) => (box === 'joined' ? social.conversations.list(wish) : social.conversations.requests(wish)),
    get: (id) => social.conversations.get(id),
    codeOf: errorCode,
    me,
    changed: () => version++,
  })
}

/** Somebody else is signed in, or nobody. */
function begin(account: string): void {
  for (const chat of open.values()) chat.close()
  open.clear()
  typing.close()
  list.close()
  me = account
  list = makeList(account)
  kept = new KeptStore(storage, account)
  version++
}

function hear(event: SocialEvent): void {
  list.hear(event)
  if (event.type === 'message') {
    open.get(event.conversation)?.log.hear(event)
    if (event.message?.author) typing.stopped(event.conversation, event.message.author.id)
  } else if (event.type === 'messages_cleared') {
    void open.get(event.conversation)?.log.refresh()
  } else if (event.type === 'typing' && event.account !== me) {
    typing.hear(event.conversation, event.account)
  } else if (event.type === 'messages_gap') {
    for (const chat of open.values()) chat.log.opened()
  } else if (event.type === 'connections_changed') {
    // Whom one has blocked, or who has blocked one, is not there any more.
    void list.refresh()
  }
}

function opened(): void {
  void list.refresh()
  for (const chat of open.values()) {
    // What others have seen meanwhile was told to nobody.
    void list.fetch(chat.id)
    chat.log.opened()
    chat.tray.resume()
  }
}

function listen(events: EventStream): () => void {
  const leave = new AbortController()
  events.on('message', hear, leave)
  events.on('opened', opened, leave)
  return () => leave.abort()
}

$effect.root(() => {
  const account = $derived(session.me?.id ?? '')
  $effect(() => {
    const { events } = session
    const id = account
    untrack(() => {
      if (id !== me) begin(id)
    })
    return events && id ? listen(events) : undefined
  })
})

/** One of the two lists, as `EndlessList` wants it. */
class BoxList {
  readonly #box: Box
  readonly #state: BoxState = $derived.by(() => {
    void version
    return list.box(this.#box)
  })

  constructor(box: Box) {
    this.#box = box
  }

  get items(): readonly Conversation[] {
    return this.#state.items
  }
  get phase(): BoxState['phase'] {
    return this.#state.phase
  }
  get failure(): string | null {
    return this.#state.failure
  }
  more = (): void => void list.more(this.#box)
}

/** The conversations of whoever is signed in. Reactive where it is read in a component. */
export const chats = {
  joined: new BoxList('joined'),
  waiting: new BoxList('waiting'),

  find(id: string): Conversation | undefined {
    void version
    return list.find(id)
  },

  /** The accounts of those who type there. */
  typing(id: string): string[] {
    void typingVersion
    return typing.in(id)
  },

  /** To be called before anything else is shown of them. */
  enter(): void {
    const account = session.me?.id ?? ''
    if (account !== me) begin(account)
  },

  /** A conversation to be shown. */
  open(id: string): Chat {
    chats.enter()
    const known = list.find(id)
    let chat = open.get(id)
    // Who was out of it and is taken in again begins anew.
    if (!chat || !known || isOutside(known) || chat.failure !== null || chat.log.phase === 'gone') {
      chat?.close()
      chat = new Chat({ id, me, list, conversation: () => chats.find(id), kept })
    }
    open.delete(id)
    open.set(id, chat)
    // Files that wait for their message are nowhere else.
    const oldest = [...open.values()].find(({ tray }) => tray.isEmpty)
    if (open.size > MAX_OPEN && oldest && oldest !== chat) {
      oldest.close()
      open.delete(oldest.id)
    }
    return chat
  },

  async create(wish: NewConversation): Promise<Conversation> {
    const conversation = await social.conversations.create(wish)
    list.learn(conversation)
    return conversation
  },

  async createRoom(wish: NewChatRoom): Promise<Conversation> {
    const conversation = await social.chatRooms.create(wish)
    list.learn(conversation)
    return conversation
  },

  /** Comes into a room, or asks to be let in. */
  async join(id: string): Promise<void> {
    list.learn(await social.chatRooms.join(id))
  },

  async change(id: string, change: ConversationChange): Promise<void> {
    list.learn(await social.conversations.change(id, change))
  },

  /** A group's or room's picture. */
  picture: (id: string): ImagePlace => ({
    async save(file, options) {
      const conversation = await social.conversations.setPicture(id, file, options)
      return { url: conversation.picture ?? '', show: () => list.learn(conversation) }
    },
    async remove() {
      await social.conversations.removePicture(id)
      list.assume(id, { picture: null })
    },
  }),

  async accept(id: string): Promise<void> {
    list.learn(await social.conversations.accept(id))
  },

  /** Leaves a group or room, says no, or asks no longer. */
  async leave(id: string): Promise<void> {
    await social.conversations.leave(id)
    list.forget(id)
    open.get(id)?.close()
    open.delete(id)
  },

  async clear(id: string): Promise<void> {
    await social.conversations.clear(id)
    await open.get(id)?.log.refresh()
    void list.fetch(id)
  },
}
