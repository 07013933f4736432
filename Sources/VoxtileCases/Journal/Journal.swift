import Synchronization
import Voxtile
import VoxtileFormats

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What has become of many cases, kept in a file beside their results so that a run that was stopped can go on.
///
/// Four things hold at any moment, also after a power cut:
///
/// 1. A case is `done` in the journal only when its results are on the disk, under their names. So results are written first, made
///    durable and named; then comes the line, and it is made durable.
/// 2. A line that is there is never changed. Lines are only added; the last one of a case counts.
/// 3. Each line begins with the CRC-32 of the rest of it. One that was cut off, which only the last can be, is removed by the next run; one
///    that was damaged is named, and its case is done again.
/// 4. One run at a time writes to a journal: it holds a lock, which ends with its process. Parts have journals of their own.
///
/// A line is `1f2e3d4c {"name": ...}`, the JSON of a ``JournalEntry``.
public final class Journal: Sendable {
  /// The path of the file.
  public var path: String { file.path }
  private let file: AppendedFile
  private let known: Mutex<[String: JournalEntry]>
  /// The numbers of lines that were damaged, from 1 on.
  public let damagedLines: [Int]

  /// The name of the journal of a part.
  public static func name(of part: CasePart = .whole) -> String {
    part.isWhole ? "voxtile.journal" : "voxtile-part-\(part.number)-of-\(part.count).journal"
  }

  /// The names of the journals in a folder of results; none where there is no such folder.
  public static func names(in folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
      .filter { $0 == name() || $0.hasPrefix("voxtile-part-") && $0.hasSuffix(".journal") }.sorted()
  }

  /// The last line of each case in all journals of a folder; none where there is no journal.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where one cannot be read.
  public static func entries(in folder: String) throws -> [String: JournalEntry] {
    var entries: [String: JournalEntry] = [:]
    for name in names(in: folder) {
      entries.merge(
        try JournalLines(contentsOf: "\(folder)/\(name)").lastOfEach, uniquingKeysWith: JournalEntry.later)
    }
    return entries
  }

  /// Opens the journal of a folder of results, or starts one. A line that was cut off at its end is removed.
  ///
  /// - Parameters:
  ///   - folder: it exists.
  ///   - part: whose journal it is.
  ///   - isFresh: whether what older runs wrote is thrown away.
  /// - Throws: `VoxtileError.Code.targetExists` where another run is writing to it, `VoxtileError.Code.fileAccess` where it cannot be
  ///   read or written.
  public init(in folder: String, part: CasePart = .whole, fresh isFresh: Bool = false) throws {
    file = try AppendedFile("\(folder)/\(Self.name(of: part))")
    if isFresh { try file.cut(to: 0) }
    let lines = try JournalLines(contentsOf: file.path)
    try file.cut(to: lines.wholeByteCount)
    known = Mutex(lines.lastOfEach)
    damagedLines = lines.damaged
  }

  /// The last line of each case.
  public var entries: [String: JournalEntry] { known.withLock { $0 } }

  /// The last line of a case, or `nil`.
  public func entry(of name: String) -> JournalEntry? { known.withLock { $0[name] } }

  /// Takes in what journals of other parts say, where this one says nothing, or something older.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where one cannot be read.
  public func takeInOthers() throws {
    let others = try Self.entries(in: path.parentFolder)
    known.withLock { $0.merge(others, uniquingKeysWith: JournalEntry.later) }
  }

  /// Adds a line and waits until it is on the disk. The results that it names have to be there. May be called from several threads.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where it cannot be written.
  public func add(_ entry: JournalEntry) throws {
    let line = try JournalLines.line(of: entry)
    // One at a time: two cases that end at once do not mix their lines.
    try known.withLock { known in
      try file.append(line)
      known[entry.name] = entry
    }
  }
}
