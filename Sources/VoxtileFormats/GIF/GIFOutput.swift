import Synchronization
import Voxtile

/// Where the bytes of a GIF go. The library calls a C function, which finds the output by the handle of the file.
final class GIFOutput: Sendable {
  private let file: AtomicFile
  private let state = Mutex((offset: 0, failure: VoxtileError?.none))

  /// The outputs of all files that are being written, by the addresses of their handles.
  private static let outputs = Mutex<[UInt: GIFOutput]>([:])

  init(_ file: AtomicFile) { self.file = file }

  /// What went wrong when bytes were written; `nil` where nothing did.
  var failure: VoxtileError? { state.withLock { $0.failure } }

  /// Takes the bytes of a handle from now on.
  func begin(_ handle: GIFLibrary.Handle) {
    let address = UInt(bitPattern: handle)
    Self.outputs.withLock { $0[address] = self }
  }

  /// Takes no more bytes of a handle.
  static func end(_ handle: GIFLibrary.Handle) {
    let address = UInt(bitPattern: handle)
    outputs.withLock { $0[address] = nil }
  }

  /// What the library calls.
  static let write: GIFLibrary.Output = { handle, bytes, count in
    let address = UInt(bitPattern: handle)
    guard let output = outputs.withLock({ $0[address] }) else { return 0 }
    return output.add(UnsafeRawBufferPointer(start: bytes, count: Int(count))) ? count : 0
  }

  private func add(_ bytes: UnsafeRawBufferPointer) -> Bool {
    state.withLock { state in
      do throws(VoxtileError) {
        try file.write(bytes, at: state.offset)
        state.offset += bytes.count
        return true
      } catch {
        state.failure = error
        return false
      }
    }
  }
}
