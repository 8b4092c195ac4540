// Loaded into Node.js before a plugin that may reach hosts. A box has no network, only a proxy that its environment
// names. Node.js knows proxies only since 22.21, and many libraries not at all, or wrongly. So connections are made
// as tunnels through the proxy here, whoever asks for them: fetch, and the agents of http and https. A tunnel leads
// to no port 80, which is the proxy's rule: what says http:// and names no port is not reached.
'use strict'

const http = require('node:http')
const https = require('node:https')
const net = require('node:net')
const tls = require('node:tls')

const LONGEST = 16384
const DISPATCHER = Symbol.for('undici.globalDispatcher.1')
const named = process.env.HTTPS_PROXY || process.env.CLARA_TUNNEL
const proxy = named && new URL(named)

function isHere(host) {
  return !host || host === 'localhost' || host === '::1' || host === '[::1]' || host.startsWith('127.')
}

// Calls done(error, socket) once, with a connection to host:port.
function tunnel(host, port, done) {
  const target = `${net.isIPv6(host) ? `[${host}]` : host}:${port}`
  const socket = net.connect(Number(proxy.port), proxy.hostname)
  let head = Buffer.alloc(0)
  function finish(error) {
    for (const [event, listener] of Object.entries(listeners)) socket.removeListener(event, listener)
    if (error) socket.destroy()
    done(error, socket)
  }
  const listeners = {
    connect: () => socket.write(`CONNECT ${target} HTTP/1.1\r\nhost: ${target}\r\n\r\n`),
    data: (piece) => {
      head = Buffer.concat([head, piece])
      const end = head.indexOf('\r\n\r\n')
      if (end < 0 && head.length < LONGEST) return
      const line = head.subarray(0, head.indexOf('\r\n')).toString('latin1')
      if (end < 0 || !/^HTTP\/1\.1 200 /.test(line)) {
        finish(new Error(`${target} cannot be reached: ${line.replace(/^HTTP\/1\.1 /, '')}`))
        return
      }
      socket.pause()
      if (head.length > end + 4) socket.unshift(head.subarray(end + 4))
      finish(null)
    },
    error: (error) => finish(error),
    end: () => finish(new Error(`${target} cannot be reached: the proxy closed the connection`)),
  }
  for (const [event, listener] of Object.entries(listeners)) socket.on(event, listener)
}

// The same with TLS inside, as tls.connect takes its options.
function secure(options, socket, done) {
  const name = options.servername || options.host
  const servername = net.isIP(name) ? '' : name
  const made = tls.connect({ ALPNProtocols: ['http/1.1'], ...options, servername, path: undefined, socket })
  made.once('error', done)
  made.once('secureConnect', () => {
    made.removeListener('error', done)
    done(null, made)
  })
}

function patch(Agent, isSecure) {
  const before = Agent.prototype.createConnection
  Agent.prototype.createConnection = function (options, done) {
    const host = options.host || options.hostname
    if (options.socketPath || isHere(host)) return before.apply(this, arguments)
    tunnel(host, options.port || (isSecure ? 443 : 80), (error, socket) => {
      if (error || !isSecure) done(error, socket)
      else secure({ ...options, host }, socket, done)
    })
  }
}

// The first line loads what fetch is made of, whose own agent is then known.
function patchFetch() {
  new Request('http://localhost/')
  const Agent = globalThis[DISPATCHER]?.constructor
  if (!Agent) return
  const connect = (options, done) => {
    const host = options.hostname
    const isSecure = options.protocol === 'https:'
    const port = Number(options.port) || (isSecure ? 443 : 80)
    if (isHere(host)) {
      const socket = isSecure ? tls.connect({ host, port, servername: options.servername }) : net.connect({ host, port })
      socket.once('error', done)
      socket.once(isSecure ? 'secureConnect' : 'connect', () => {
        socket.removeListener('error', done)
        done(null, socket)
      })
      return
    }
    tunnel(host, port, (error, socket) => {
      if (error || !isSecure) done(error, socket)
      else secure({ host, servername: options.servername || host }, socket, done)
    })
  }
  globalThis[DISPATCHER] = new Agent({ connect })
}

if (proxy) {
  patch(http.Agent, false)
  patch(https.Agent, true)
  patchFetch()
  // Libraries that know proxies would ask this one for https:// in plain HTTP, as axios does, or go through it twice.
  for (const name of ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY']) delete process.env[name]
  process.env.CLARA_TUNNEL = named // for Node.js that is started from here
}
