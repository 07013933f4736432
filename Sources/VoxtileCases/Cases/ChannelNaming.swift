import Voxtile

/// How the names of files say which of them are the channels of one scan.
public enum ChannelNaming: Hashable, Sendable {
  /// By nnU-Net's `_0000`, `_0001` where all names are like that, and the network takes as many channels; else each file is a scan.
  case automatic(channels: Int?)
  /// Each file is a scan.
  case single
  /// `NAME_0000`, `NAME_0001`, ... are the channels of the scan `NAME`, as nnU-Net has it.
  case numbered
  /// `NAME` and one of these endings, in the order of the channels: `["_t1", "_t2"]`.
  case endings([String])
}

/// An image file, and the name that a scan would have after it.
struct NamedImage: Hashable, Sendable {
  /// The path without the ending of its format, relative to the folder that was searched.
  let name: String
  let path: String
}

extension ChannelNaming {
  /// Puts images together to scans, in the order of the scans' names.
  ///
  /// - Returns: the scans, and what was guessed.
  /// - Throws: `VoxtileError.Code.invalidOption` where a channel is missing.
  func cases(of images: [NamedImage]) throws(VoxtileError) -> (cases: [ScanCase], guess: String?) {
    switch self {
    case .single: return (Self.single(images), nil)
    case .numbered: return (try Self.grouped(images, Self.numberedParts).cases(), nil)
    case .endings(let endings):
      return (try Self.grouped(images) { Self.part($0, endings) }.cases(endings), nil)
    case .automatic(let channels): return try Self.automatic(images, channels: channels)
    }
  }

  private static func single(_ images: [NamedImage]) -> [ScanCase] {
    images.map { ScanCase($0.name, images: [$0.path]) }
  }

  private static func automatic(
    _ images: [NamedImage], channels: Int?
  ) throws(VoxtileError) -> (cases: [ScanCase], guess: String?) {
    let groups = try grouped(images, numberedParts)
    let count = groups.scans.first?.value.count ?? 0
    let isNumbered =
      count > 0 && groups.others.isEmpty
      && groups.scans.allSatisfy { $0.value.keys.sorted() == Array(0..<count) }
    // Scans that are numbered themselves, from 0 on, look like the channels of one.
    guard isNumbered, channels.map({ $0 == count }) ?? (count < images.count || count == 1) else {
      if let channels, channels > 1, !groups.scans.isEmpty {
        return (try groups.cases(count: channels), nil)
      }
      return (single(images), nil)
    }
    let names = count == 1 ? "_0000" : "_0000 to \(numberedEnding(count - 1))"
    return (
      try groups.cases(),
      "names that end in \(names) are taken for the \(count == 1 ? "only channel" : "\(count) channels") of a scan, as "
        + "nnU-Net has it"
    )
  }

  /// `_0007` of 7.
  private static func numberedEnding(_ number: Int) -> String {
    "_" + String(repeating: "0", count: max(0, 4 - String(number).count)) + String(number)
  }

  /// The scan and the number of `NAME_0007`, or `nil`.
  private static func numberedParts(_ name: String) -> (scan: String, channel: Int)? {
    let digits = name.utf8.suffix(4)
    guard name.utf8.count > 5, digits.allSatisfy({ (0x30...0x39).contains($0) }),
      let number = Int(String(decoding: digits, as: UTF8.self)), name.dropLast(4).hasSuffix("_")
    else { return nil }
    return (String(name.dropLast(5)), number)
  }

  /// The scan and the channel of a name that ends in one of some endings: the longest that fits.
  private static func part(_ name: String, _ endings: [String]) -> (scan: String, channel: Int)? {
    let fitting = endings.indices.filter { name.hasSuffix(endings[$0]) && name.count > endings[$0].count }
    guard let channel = fitting.max(by: { endings[$0].count < endings[$1].count }) else { return nil }
    return (String(name.dropLast(endings[channel].count)), channel)
  }

  private static func grouped(
    _ images: [NamedImage], _ parts: (String) -> (scan: String, channel: Int)?
  ) throws(VoxtileError) -> ImageGroups {
    var groups = ImageGroups()
    for image in images {
      if let (scan, channel) = parts(image.name) {
        if let other = groups.scans[scan, default: [:]].updateValue(image.path, forKey: channel) {
          throw VoxtileError(
            .invalidOption,
            "\(other) and \(image.path) are both channel \(channel), counted from 0, of scan '\(scan)'; keep one",
            context: .init(expected: "one file for a channel", found: "2"))
        }
      } else {
        groups.others.append(image.path)
      }
    }
    return groups
  }
}

/// Images by scan and channel.
private struct ImageGroups {
  var scans: [String: [Int: String]] = [:]
  /// Those whose names say nothing of a channel.
  var others: [String] = []

  /// The scans of nnU-Net's names.
  ///
  /// - Parameter count: how many channels each must have; `nil` for as many as the first one.
  func cases(count: Int? = nil) throws(VoxtileError) -> [ScanCase] {
    let count = count ?? (scans.values.map { ($0.keys.max() ?? 0) + 1 }.max() ?? 0)
    return try cases(
      (0..<count).map { "_" + String(repeating: "0", count: max(0, 4 - String($0).count)) + "\($0)" })
  }

  /// The scans, each with all channels.
  func cases(_ endings: [String]) throws(VoxtileError) -> [ScanCase] {
    if let other = others.first {
      throw VoxtileError(
        .invalidOption,
        "ends in none of \(endings.joined(separator: ", ")), which say the channel; move it elsewhere, or say how the channels are "
          + "named",
        context: .init(file: other, expected: endings.joined(separator: ", ")))
    }
    var cases: [ScanCase] = []
    for (name, images) in scans.sorted(by: { $0.key < $1.key }) {
      if let missing = endings.indices.first(where: { images[$0] == nil }) {
        throw VoxtileError(
          .invalidOption,
          "scan '\(name)' has \(images.count) of \(endings.count) channels: there is no \(name)\(endings[missing])",
          context: .init(expected: "\(endings.count) channels", found: "\(images.count)"))
      }
      if let extra = images.keys.filter({ $0 >= endings.count }).min() {
        throw VoxtileError(
          .invalidOption,
          "scan '\(name)' has channel \(extra), counted from 0, but there should be \(endings.count)",
          context: .init(expected: "\(endings.count) channels", found: "\(images.count)"))
      }
      cases.append(ScanCase(name, images: endings.indices.compactMap { images[$0] }))
    }
    return cases
  }
}
