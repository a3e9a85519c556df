// Takes the network away from media. Only in the private namespace of `namespace.sh`: it changes routes.
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'

const ip = (...words: string[]): void => void execFileSync('ip', words)

/**
 * A hole that swallows every UDP packet without a word, as a dead link does: a rule sends them into a veth pair whose
 * far end drops what claims to come from one of its own addresses.
 */
export class UdpHole {
  private open = false

  constructor() {
    if (!process.env.CONFAB_NAMESPACE) throw new Error('not in a private network namespace: use namespace.sh')
    ip('link', 'add', 'hole', 'type', 'veth', 'peer', 'name', 'hole-end')
    // Without IPv6 addresses, for the same reason as in `namespace.sh`.
    for (const end of ['hole', 'hole-end']) ip('link', 'set', end, 'addrgenmode', 'none', 'up')
    // Packets from and to 127.0.0.1 may leave through it too.
    writeFileSync('/proc/sys/net/ipv4/conf/hole/route_localnet', '1')
    for (const family of ['-4', '-6']) {
      ip(family, 'route', 'add', 'default', 'dev', 'hole', 'table', '50')
      // Local addresses come before every rule unless theirs is moved back.
      ip(family, 'rule', 'add', 'pref', '100', 'lookup', 'local')
      ip(family, 'rule', 'del', 'pref', '0')
    }
  }

  dig(): void {
    if (this.open) return
    for (const family of ['-4', '-6']) ip(family, 'rule', 'add', 'pref', '5', 'ipproto', 'udp', 'lookup', '50')
    this.open = true
  }

  fill(): void {
    if (!this.open) return
    for (const family of ['-4', '-6']) ip(family, 'rule', 'del', 'pref', '5')
    this.open = false
  }

  stop(): Promise<void> {
    this.fill()
    ip('link', 'del', 'hole')
    for (const family of ['-4', '-6']) {
      ip(family, 'rule', 'add', 'pref', '0', 'lookup', 'local')
      ip(family, 'rule', 'del', 'pref', '100')
    }
    return Promise.resolve()
  }
}
