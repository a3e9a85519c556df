// Generated from signalling/src/protocol.rs; do not edit. To regenerate:
// UPDATE_PROTOCOL=1 cargo nextest run -p confab-signalling types

/** The protocol's version, for `hello`. */
export const VERSION = 1

/** The WebSocket subprotocol. */
export const SUBPROTOCOL = 'confab.v1'

/** What a published track carries. */
export type Source = 'microphone' | 'camera' | 'screen' | 'screen_audio'

/** What one audio-only slot carries. */
export type AudioSlotBinding = {
  /** The place in [`Sections::audio_slots`]. */
  slot: number
  /** The sound. */
  audio: string
}

/** One line of chat. */
export type ChatLine = {
  /** Counts up from 1 in each room. */
  id: number
  /** Who wrote it. */
  from: string
  /** The writer's name then. */
  name: string
  /** The text, as written: not HTML. */
  text: string
  /** When, in milliseconds since 1970. */
  at: number
}

/** From the client to the server. */
export type ClientMessage =
  | {
      type: 'hello'
      /** [`VERSION`]. */
      version: number
    }
  | {
      type: 'offer'
      /** Chosen by the client, echoed in the answer. */
      request: number
      /** The session description. */
      sdp: string
      /** What its sections are for. */
      sections: Sections
    }
  | {
      type: 'publish'
      /** What it carries. A participant has at most one track of each source. */
      source: Source
      /** Whether it starts muted. */
      muted: boolean
    }
  | {
      type: 'unpublish'
      /** Which. */
      source: Source
    }
  | {
      type: 'mute'
      /** Which. */
      source: Source
      /** The new state. */
      muted: boolean
    }
  | {
      type: 'wants'
      /** One entry a slot; a slot that is not named is emptied. */
      wants: Array<Want>
    }
  | {
      type: 'chat'
      /** 1 to 2000 characters. */
      text: string
      /** Chosen by the client, echoed in its own copy of the line, so that it can match them. */
      client_id: number
    }
  | {
      type: 'first_frame'
      /** 0 to 60000. */
      milliseconds: number
    }
  | {
      type: 'ping'
      /** Echoed. */
      nonce: number
    }
  | { type: 'leave' }
  | {
      type: 'mute_participant'
      /** Whom. */
      participant: string
      /** Which track. */
      source: Source
    }
  | {
      type: 'remove_participant'
      /** Whom. */
      participant: string
    }
  | {
      type: 'lock_room'
      /** The new state. */
      locked: boolean
    }
  | { type: 'end_room' }

/** Why the server ends a connection for good. */
export type CloseReason = 'removed' | 'room_ended' | 'signed_out' | 'replaced' | 'server_stopping'

/** Whether a participant's connection is up. */
export type ConnectionState = 'connected' | 'reconnecting'

/** Every code that an error can have, over HTTP and over the WebSocket. */
export type ErrorCode =
  | 'room_not_found'
  | 'sign_in_required'
  | 'room_locked'
  | 'room_full'
  | 'invalid_ticket'
  | 'origin_not_allowed'
  | 'unsupported_version'
  | 'invalid_message'
  | 'invalid_value'
  | 'message_too_large'
  | 'rate_limited'
  | 'not_allowed'
  | 'not_found'
  | 'invalid_state'
  | 'offer_rejected'
  | 'route_not_found'
  | 'internal'

/** A server for the peer connection's `iceServers`. */
export type IceServer = {
  /** `stun:` and `turn:` URLs. */
  urls: Array<string>
  /** For TURN. */
  username: string | null
  /** For TURN. */
  credential: string | null
}

/** Why a participant left. */
export type LeaveReason = 'left' | 'lost' | 'removed'

/** A member of the room. */
export type Participant = {
  /** The id. */
  id: string
  /** The name of its account, or the one that a guest chose. */
  name: string
  /** Where its picture is, if it has an account with one. */
  picture: string | null
  /** What the participant may do. */
  role: Role
  /** Whether the connection is up. */
  connection: ConnectionState
  /** What the participant publishes. */
  tracks: Array<Track>
}

/** A section in which the client sends. */
export type PublishSection = {
  /** What it sends. */
  source: Source
  /** The section. */
  mid: string
}

/** What a participant may do. */
export type Role = 'host' | 'guest'

/** A room. */
export type RoomInfo = {
  /** Its id. */
  id: string
  /** Its name, if it was given one. */
  name: string | null
  /** Whether nobody new may join. */
  locked: boolean
  /** The codec in which its members send pictures if they can, else in VP8. */
  codec: VideoCodec
}

/** What a client's media sections are for, by `a=mid`. */
export type Sections = {
  /** Sections in which the client sends. */
  publish: Array<PublishSection>
  /** Slots; a slot's number is its place here. A later offer may only append. */
  slots: Array<SlotSections>
  /** The mids of the sections for loud people who are in no slot. */
  audio_slots: Array<string>
}

/** From the server to the client. */
export type ServerMessage =
  | {
      type: 'welcome'
      /** [`VERSION`]. */
      version: number
      /** Whether an earlier connection goes on (its peer connection and its tracks are still there). */
      resumed: boolean
      /** Presented once, within 30 s of losing the WebSocket, it brings the same participant back. */
      resume_token: string
      /** The client's own participant. */
      you: string
      /** The client's own role. */
      role: Role
      /** The room. */
      room: RoomInfo
      /** Everybody in it, the client too, in the order in which they joined. */
      participants: Array<Participant>
      /** The chat so far, oldest first. */
      chat: Array<ChatLine>
      /** Servers for the peer connection's `iceServers`. */
      ice_servers: Array<IceServer>
    }
  | {
      type: 'answer'
      /** The offer's number. */
      request: number
      /** The session description. */
      sdp: string
    }
  | {
      type: 'participant_joined'
      /** Who. */
      participant: Participant
    }
  | {
      type: 'participant_left'
      /** Who. */
      participant: string
      /** Why. */
      reason: LeaveReason
    }
  | {
      type: 'participant_connection'
      /** Who. */
      participant: string
      /** The new state. */
      connection: ConnectionState
    }
  | {
      type: 'track_published'
      /** Whose. */
      participant: string
      /** The track. */
      track: Track
    }
  | {
      type: 'track_unpublished'
      /** Whose. */
      participant: string
      /** The track's id. */
      track: string
    }
  | {
      type: 'track_muted'
      /** Whose. */
      participant: string
      /** The track's id. */
      track: string
      /** The new state. */
      muted: boolean
      /** Whether a host did it. */
      by_host: boolean
    }
  | {
      type: 'slots'
      /** The slots that carry something. */
      slots: Array<SlotBinding>
      /** The audio-only slots that carry something. */
      audio_slots: Array<AudioSlotBinding>
    }
  | {
      type: 'publication_wishes'
      /** Whose picture. */
      source: Source
      /** In the order of the offer's rids. */
      encodings: Array<boolean>
    }
  | {
      type: 'speakers'
      /** Empty when nobody does. */
      speakers: Array<Speaker>
    }
  | {
      type: 'chat'
      /** The line. */
      line: ChatLine
      /** The sender's number, in the sender's own copy only. */
      client_id: number | null
    }
  | {
      type: 'room_locked'
      /** The new state. */
      locked: boolean
    }
  | {
      type: 'closed'
      /** Why. */
      reason: CloseReason
    }
  | {
      type: 'pong'
      /** The ping's number. */
      nonce: number
    }
  | {
      type: 'error'
      /** Stable, for programs. */
      code: ErrorCode
      /** For people. */
      message: string
      /** The offer's number, where an offer was refused. */
      request: number | null
    }

/** What one slot carries. */
export type SlotBinding = {
  /** The slot's number. */
  slot: number
  /** The picture. */
  video: string | null
  /** The sound. */
  audio: string | null
}

/** The sections of one slot. */
export type SlotSections = {
  /** The picture's mid. */
  video: string
  /** The sound's mid. */
  audio: string
}

/** A participant who speaks. */
export type Speaker = {
  /** Who. */
  participant: string
  /** Loudness, 0 to 127. */
  level: number
}

/** A published track. */
export type Track = {
  /** The id. */
  id: string
  /** What it carries. */
  source: Source
  /** Whether it is muted. */
  muted: boolean
}

/** A codec for pictures. */
export type VideoCodec = 'vp8' | 'vp9' | 'h264' | 'av1'

/** What a client wants in one slot. */
export type Want = {
  /** The slot's number. */
  slot: number
  /** The camera or screen to show. */
  video: string | null
  /** The microphone or screen sound to play along with it. */
  audio: string | null
  /** Width of the picture on the screen, in device pixels; 0 pauses it. */
  width: number
  /** Height of the picture on the screen, in device pixels; 0 pauses it. */
  height: number
  /** The most frames per second that are of use; 0 means no limit. */
  fps: number
  /** Whether it comes first when bandwidth is short. */
  pinned: boolean
}
