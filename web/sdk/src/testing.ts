/** Stand-ins for the server and the browser, for tests of what is built on the SDK. */

export { FakeMediaDevices, FakeStream, FakeTrack, installFakeMedia } from './testing/fake-media.js'
export { FakePeerConnection, FakeTransceiver } from './testing/fake-peer.js'
export { FakeServer, FakeSocket } from './testing/fake-server.js'
