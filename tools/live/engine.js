// The module, as the page and its workers use it: requests in JSON, models as bytes. An error of
// the library ends an instance; the next one is made of the same module, and its models sit down
// again.
'use strict';

// Base64 of gzipped bytes -> the bytes.
async function carried(text) {
  const letters = atob(text.trim());
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i++) bytes[i] = letters.charCodeAt(i);
  const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(plain).arrayBuffer());
}

class Engine {
  #module;
  #exports;
  #said = '';                                   // what the library said before it gave up
  #seats = new Map();                           // seat -> {bytes, packed}: to load them again

  constructor(module) {
    this.#module = module;
    this.#start();
  }

  static async of(bytes) { return new Engine(await WebAssembly.compile(bytes)); }

  // Memory grows in calls, and every view of it made before is empty then: made anew each time.
  #bytes() { return new Uint8Array(this.#exports.memory.buffer); }
  get memory() { return this.#exports.memory.buffer.byteLength; }

  #start() {
    const view = () => new DataView(this.#exports.memory.buffer);
    const nothing = (first, second) => {        // no arguments, no environment
      view().setUint32(first, 0, true);
      view().setUint32(second, 0, true);
      return 0;
    };
    const refused = () => 8;                    // EBADF: there are no files
    const system = {
      environ_get: () => 0, environ_sizes_get: nothing, args_get: () => 0, args_sizes_get: nothing,
      clock_time_get: (clock, precision, to) => {
        view().setBigUint64(to, BigInt(Math.round(performance.now() * 1e6)), true);
        return 0;
      },
      proc_exit: (status) => { throw new Error(`the module ended with ${status}`); }};
    const imports = {page: {fail: (at, count) => {
      this.#said = new TextDecoder().decode(this.#bytes().slice(at, at + count));
    }}};
    for (const {module, name} of WebAssembly.Module.imports(this.#module)) {
      imports[module] ??= {};
      imports[module][name] ??= system[name] ?? refused;
    }
    this.#exports = new WebAssembly.Instance(this.#module, imports).exports;
    this.#exports._initialize?.();
  }

  #call(use) {
    try {
      this.#said = '';
      return use(this.#exports);
    } catch (error) {
      const said = this.#said || String(error.message ?? error);
      this.#start();
      for (const [seat, {bytes, packed}] of this.#seats) this.#load(seat, bytes, packed);
      throw new Error(said);
    }
  }

  #put(bytes) {
    const at = this.#exports.room(bytes.length);
    this.#bytes().set(bytes, at);
    return at;
  }

  #result() {
    const at = this.#exports.where(), count = this.#exports.length();
    return this.#bytes().slice(at, at + count);
  }

  #load(seat, bytes, packed) {
    this.#exports.load(seat, this.#put(bytes), bytes.length, packed ? 1 : 0);
  }

  // An Error if the bytes are no model: then who sat there sits there still.
  load(seat, bytes, packed = false) {
    this.#call(() => this.#load(seat, bytes, packed));
    this.#seats.set(seat, {bytes, packed});
  }

  save(seat) {
    return this.#call(() => {
      this.#exports.save(seat);
      return this.#result();
    });
  }

  ask(request) {
    const bytes = new TextEncoder().encode(JSON.stringify(request));
    return this.#call(() => {
      this.#exports.ask(this.#put(bytes), bytes.length);
      return JSON.parse(new TextDecoder().decode(this.#result()));
    });
  }

  dig(deep) { return this.#call((exports) => exports.dig(deep)); }
}
