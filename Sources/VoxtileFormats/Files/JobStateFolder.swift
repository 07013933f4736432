import Synchronization
import Voxtile

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The state of a long job in a hidden folder beside its result: `.NAME.voxtile-state`.
///
/// Each stream is a file. `state.json` says how much of each counts; it is replaced in one step when the streams are on the disk. So whatever
/// moment the job is killed at, the folder holds a whole step. One process at a time has it.
package final class JobStateFolder: JobState {
  /// What was found when the folder was opened.
  package enum Finding: Hashable, Sendable {
    /// Nothing was kept.
    case nothing
    /// An earlier run has saved so many steps of the same job.
    case steps(Int)
    /// What is kept is of another job, or damaged, and does not count.
    case unusable(String)
  }

  private struct Saved: Codable {
    struct Stream: Codable {
      var bytes: Int
      var crc32: UInt32
    }
    /// The job: what is made, from what and how.
    var identity: String
    var steps: Int
    var streams: [String: Stream]
  }

  private struct Stream {
    let file: AppendedFile
    var sum: CRC32
  }

  private static let stateName = "state.json"

  /// The folder.
  package let path: String
  /// What was found when the folder was opened.
  package let finding: Finding
  private let identity: String
  private let saved: Saved
  private let streams: Mutex<[String: Stream]>
  private let lock: AppendedFile

  /// The folder of a result's state.
  package static func path(for result: String) -> String {
    "\(result.parentFolder)/.\(result.fileName).voxtile-state"
  }

  /// Whether a stopped run has left its state for a result.
  package static func exists(for result: String) -> Bool {
    FormatProbe("\(path(for: result))/\(stateName)").kind == .file
  }

  /// Removes the state of a result, if there is one.
  package static func remove(for result: String) {
    try? FileManager.default.removeItem(atPath: path(for: result))
  }

  /// Opens the state for a result, or begins one.
  ///
  /// - Parameters:
  ///   - result: the path of the result.
  ///   - identity: what the job is; a state of another one does not count.
  /// - Throws: `VoxtileError.Code.targetExists` where another process works on the same result, `VoxtileError.Code.fileAccess` where the
  ///   folder cannot be made or written.
  /// - Complexity: O(bytes that are kept): their checksums are compared.
  package init(for result: String, identity: String) throws {
    path = Self.path(for: result)
    self.identity = identity
    try Folder.make(path)
    lock = try AppendedFile("\(path)/lock")
    var (saved, finding) = Self.found(in: path, identity: identity)
    var streams: [String: Stream] = [:]
    if case .steps = finding, let found = saved {
      for (name, stream) in found.streams {
        guard let opened = try Self.open("\(path)/\(name)", stream) else {
          (saved, finding) = (nil, .unusable("\(name) is damaged"))
          break
        }
        streams[name] = opened
      }
    }
    self.finding = finding
    let usable = if case .steps = finding { saved } else { nil as Saved? }
    self.saved = usable ?? Saved(identity: identity, steps: 0, streams: [:])
    self.streams = Mutex(usable == nil ? [:] : streams)
    try Self.removeStreams(in: path, but: Set(self.saved.streams.keys), state: usable != nil)
  }

  /// What `state.json` says.
  private static func found(in path: String, identity: String) -> (Saved?, Finding) {
    let file = "\(path)/\(stateName)"
    guard FormatProbe(file).kind == .file else { return (nil, .nothing) }
    guard let bytes = FileManager.default.contents(atPath: file),
      let saved = try? JSONDecoder().decode(Saved.self, from: bytes), saved.steps > 0
    else { return (nil, .unusable("\(stateName) is damaged")) }
    guard saved.identity == identity else {
      return (nil, .unusable("it was made with other settings, another network or another scan"))
    }
    return (saved, .steps(saved.steps))
  }

  /// Opens a stream, without what follows the last saved step; `nil` where it is not as it was saved.
  private static func open(_ path: String, _ stream: Saved.Stream) throws -> Stream? {
    guard let version = FileVersion(path), version.byteCount >= stream.bytes else { return nil }
    let file = try AppendedFile(path)
    try file.cut(to: stream.bytes)
    let input = try InputFile(path)
    var sum = CRC32()
    var offset = 0
    while offset < stream.bytes {
      let bytes = try input.bytes(at: offset, count: min(1 << 20, stream.bytes - offset))
      if bytes.isEmpty { return nil }
      bytes.withUnsafeBytes { sum.update($0) }
      offset += bytes.count
    }
    return sum.value == stream.crc32 ? Stream(file: file, sum: sum) : nil
  }

  private static func removeStreams(in path: String, but names: Set<String>, state isKept: Bool) throws {
    let known = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    // First what makes streams count.
    if !isKept { unlink("\(path)/\(stateName)") }
    for name in known where !names.contains(name) && ![stateName, "lock"].contains(name) {
      unlink("\(path)/\(name)")
    }
  }

  package var savedSteps: Int { saved.steps }

  package func savedByteCount(of stream: String) -> Int { saved.streams[stream]?.bytes ?? 0 }

  package func append(_ bytes: UnsafeRawBufferPointer, to stream: String) throws {
    try streams.withLock { streams in
      var one =
        try streams[stream] ?? Stream(file: AppendedFile("\(path)/\(stream)"), sum: CRC32())
      try one.file.append(bytes, waitsForDisk: false)
      one.sum.update(bytes)
      streams[stream] = one
    }
  }

  package func read(
    _ stream: String, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
  ) throws {
    let file = try InputFile("\(path)/\(stream)")
    guard try file.read(at: offset, into: buffer) == buffer.count else {
      throw VoxtileError(
        .fileAccess, "was cut off while it was read", context: .init(file: "\(path)/\(stream)"))
    }
  }

  package func save(steps: Int, keeping names: Set<String>) throws {
    try streams.withLock { streams in
      var saved = Saved(identity: identity, steps: steps, streams: [:])
      for (name, stream) in streams where names.contains(name) {
        try stream.file.sync()
        saved.streams[name] = .init(bytes: stream.sum.byteCount, crc32: stream.sum.value)
      }
      try AtomicFile.write(
        [UInt8](JSONEncoder().encode(saved)), to: "\(path)/\(Self.stateName)", replacing: true)
      for name in streams.keys where !names.contains(name) {
        streams[name] = nil
        unlink("\(path)/\(name)")
      }
    }
  }

  /// Whether a step is saved.
  package var isSaved: Bool { FormatProbe("\(path)/\(Self.stateName)").kind == .file }

  /// Removes the folder: the job is done.
  package func remove() { try? FileManager.default.removeItem(atPath: path) }
}
