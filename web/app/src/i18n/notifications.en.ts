/** What somebody did. `who` is one person or several: `Ann Lee and 4 others`. */
type Deed = (who: string, isOne: boolean) => string

const asked: Deed = (who, isOne) => `${who} ${isOne ? 'wants to be your friend' : 'want to be your friends'}`
const followed: Deed = (who) => `${who} followed you`
const accepted: Deed = (who) => `${who} accepted your friend request`
const likedPost: Deed = (who) => `${who} liked your post`
const likedComment: Deed = (who) => `${who} liked your comment`
const commented: Deed = (who) => `${who} commented on your post`
const replied: Deed = (who) => `${who} replied to your comment`
const mentioned: Deed = (who) => `${who} mentioned you`
const wroteLetter: Deed = (who) => `${who} sent you a letter`
const wroteMessage: Deed = (who) => `${who} wrote to you`
const invited: Deed = (who) => `${who} invited you to a group`
const missedCall: Deed = (who) => `${who} tried to call you`
const other: Deed = (who) => `${who} did something that concerns you`

export const notificationsEn = {
  notifications: {
    title: 'Notifications',
    bell: (count: string) => `Notifications, ${count} unread`,
    somebody: 'Somebody',
    others: (count: string, rule: Intl.LDMLPluralRule) => (rule === 'one' ? `${count} other` : `${count} others`),
    followed,
    asked,
    accepted,
    likedPost,
    likedComment,
    commented,
    replied,
    mentioned,
    wroteLetter,
    wroteMessage,
    invited,
    missedCall,
    other,
    several: (count: string) => `${count} new notifications`,
    newest: 'The newest notifications',
    seeAll: 'See all',
    none: 'Nothing yet',
    noneText: 'When somebody follows you, likes what you write or answers it, you see it here.',
    noneUnread: 'All caught up',
    noneUnreadText: 'You have read everything.',
    failed: 'Your notifications could not be loaded.',
    end: 'That is all.',
    show: 'Which notifications',
    all: 'All',
    unread: 'Unread',
    isUnread: 'Unread',
    markRead: 'Mark as read',
    markAllRead: 'Mark all as read',
    allRead: 'Everything is marked as read',
    remove: 'Delete',
    removed: 'Notification deleted',
    undo: 'Undo',
    removeAll: 'Delete all…',
    removeAllTitle: 'Delete all notifications?',
    removeAllText: 'The list is emptied for good. What they are about stays: posts, comments, letters and friends.',
    removeAllSure: 'Delete all',
    allRemoved: 'All notifications are deleted',
    settings: 'Notification settings',
    keys: 'Keys: up and down move through the list, Enter opens, Delete deletes.',
    friendsNow: 'You are friends now.',
    declined: 'Declined. Nobody is told.',
    notDone: (why: string) => `That did not work: ${why}`,
  },
  notify: {
    lead: 'What you are told of, here and, if you like, outside of Confab.',
    aboutPeople: 'People',
    aboutPosts: 'Your posts',
    aboutComments: 'Your comments',
    aboutMail: 'Mail',
    aboutMessages: 'Messages and calls',
    follow: 'Somebody follows you',
    friendRequest: 'Somebody wants to be your friend',
    friendAccepted: 'Somebody accepts your friend request',
    postLiked: 'Somebody likes a post of yours',
    comment: 'Somebody comments on a post of yours',
    mention: 'Somebody mentions you',
    commentLiked: 'Somebody likes a comment of yours',
    reply: 'Somebody replies to a comment of yours',
    letter: 'Somebody sends you a letter',
    message: 'Somebody writes to you',
    groupInvitation: 'Somebody invites you to a group',
    missedCall: 'You miss a call',
    push: 'When Confab is closed',
    pushText:
      'This browser can tell you when something new happens, even while no page of Confab is open. What it shows comes straight from this server; the browser’s push service only learns that there is something.',
    turnOn: 'Turn on in this browser',
    turningOn: 'Turning on…',
    turnOff: 'Turn off',
    turningOff: 'Turning off…',
    isOn: 'On in this browser.',
    turnedOn: 'Notifications are on in this browser',
    turnedOff: 'Notifications are off in this browser',
    denied:
      'This browser blocks notifications of this site. Click the icon left of the address, allow notifications, and come back here.',
    dismissed: 'You have not allowed it. Nothing has changed.',
    insecure: 'This works only where the address begins with https://.',
    unsupported:
      'This browser cannot do that. On an iPhone or iPad, add Confab to the home screen and open it from there.',
    posted: 'Wrote a post',
    postEdited: 'Changed a post',
    postDeleted: 'Deleted a post',
    commented: 'Commented on a post',
    liked: 'Liked a post',
    openPost: 'Open the post',
    pushFailed: 'The browser’s push service did not answer. Try again later, or in another browser.',
  },
}

export type NotificationMessages = typeof notificationsEn
