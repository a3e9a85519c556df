const plural = (count: number, one: string, many: string): string => (count === 1 ? one : many)

export const searchEn = {
  search: {
    title: 'Search',
    titleFor: (query: string) => `${query} · Search`,
    placeholder: 'Search people, posts and rooms',
    label: 'Search people, posts and rooms',
    hint: 'Arrow keys choose, Enter opens, Delete removes a recent search, Escape closes.',
    suggestions: 'Search results',
    people: 'People',
    posts: 'Posts',
    rooms: 'Your rooms',
    tabs: 'What to search',
    all: (query: string) => `All results for “${query}”`,
    recent: 'Recent searches',
    forget: (query: string) => `Remove the search ${query}`,
    clear: 'Clear',
    nothing: (query: string) => `Nothing found for “${query}”`,
    nothingText:
      'Check the spelling, or try fewer letters. Somebody’s exact e-mail address works too, if they allow it.',
    noPeople: (query: string) => `Nobody found for “${query}”`,
    noPosts: (query: string) => `No posts found for “${query}”`,
    noPostsText: 'Only posts that you may read are searched.',
    postNumbers: (likes: number, comments: number) =>
      `${likes} ${plural(likes, 'like', 'likes')} · ${comments} ${plural(comments, 'comment', 'comments')}`,
    noRooms: (query: string) => `None of your rooms is called “${query}”`,
    noRoomsText: 'Only rooms that you have made are searched.',
    found: (count: number) => `${count} ${plural(count, 'result', 'results')}`,
    failed: 'The search did not work.',
    start: 'What are you looking for?',
    startText: 'Names, usernames, words of posts, your rooms. Accents and capitals do not matter.',
    end: (count: string) => `That is all: ${count}.`,
  },
}

export type SearchMessages = typeof searchEn
