import Voxtile

/// The files beside a model in which it keeps its weights.
///
/// Each tensor that lies in another file has the key `location` with the name of that file, as strings of a protocol buffer: a
/// tag, a length, and the text. Only these are looked for, so a model of any size is read once and never held.
struct OnnxExternalData {
  /// The names, each once.
  private(set) var names: [String] = []

  /// The key: field 1, 8 bytes. The value follows as field 2.
  private static let key: [UInt8] = [0x0A, 8] + Array("location".utf8) + [0x12]
  /// The most bytes of a name whose length is one byte, and of what is looked for.
  private static let longestName = 127
  private static let longest = key.count + 1 + longestName

  /// Looks through a file.
  init(of path: String) throws(VoxtileError) {
    let file = try InputFile(path)
    let step = 1 << 20
    for start in stride(from: 0, to: file.byteCount, by: step) {
      var bytes = [UInt8](repeating: 0, count: min(step + Self.longest, file.byteCount - start))
      let room = bytes.count
      do {
        try bytes.withUnsafeMutableBytes { try file.readExactly(at: start, into: $0) }
      } catch let error as VoxtileError {
        throw error
      } catch {
        return
      }
      for index in 0..<min(step, room) where bytes[index] == 0x0A && bytes[index...].starts(with: Self.key) {
        let first = index + Self.key.count + 1
        guard first <= room, first + Int(bytes[first - 1]) <= room, bytes[first - 1] <= Self.longestName
        else { continue }
        let name = String(decoding: bytes[first..<first + Int(bytes[first - 1])], as: UTF8.self)
        if !names.contains(name) { names.append(name) }
      }
    }
  }
}
