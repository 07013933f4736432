import Voxtile
import VoxtileFormats
import VoxtileInference

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// How far networks look, as it was measured by earlier runs of the program for the same user.
///
/// Each network has a small file, named by a digest of all on which the measurement depends: the network's bytes, what runs it, and the
/// patches and axes that it is measured with.
struct ReachCache {
  /// What was measured.
  struct Entry: Codable {
    /// On what the measurement depends.
    var of: [String: String]
    var stride: [Int]
    var radius: [Int]
    /// What ran the network, which `auto` chose.
    var device: String
    /// How long it took.
    var seconds: Double

    /// - Returns: `nil` where the numbers make no sense.
    var reach: NetworkReach? {
      guard stride.count == 3, radius.count == 3, stride.allSatisfy({ $0 > 0 }),
        radius.allSatisfy({ $0 >= 0 })
      else { return nil }
      return NetworkReach(
        stride: PerAxis(x: stride[0], y: stride[1], z: stride[2]),
        radius: PerAxis(x: radius[0], y: radius[1], z: radius[2]))
    }
  }

  /// Where the measurement of this network is kept.
  let path: String
  private let of: [String: String]

  /// - Parameters:
  ///   - network: the network.
  ///   - settings: with which it is measured.
  ///   - channels: of the scan, where it takes any number.
  /// - Returns: `nil` where there is no folder for it.
  /// - Throws: what reading the network's files throws.
  init?(of network: LoadedNetwork, settings: InferenceSettings, channels: Int) throws {
    guard let folder = Self.folder else { return nil }
    let options = network.options
    var parts = [
      "program": "voxtile \(LibraryVersion.current)",
      "engine": "\(network.engine.name) \(network.engineVersion)",
      "library": options.library ?? "", "provider": options.provider ?? "cpu",
      "provider options": options.providerOptions.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        .joined(separator: " "),
      "outputs": options.outputs?.joined(separator: " ") ?? "",
      "layout": options.layout?.letters ?? "",
      "axes": settings.axes.rawValue, "patch": settings.patch.map { "\($0)" } ?? "",
      "channels": "\(channels)",
    ]
    for (number, file) in try PredictionRecord.files(network.files.flatMap(\.self)).enumerated() {
      parts["file \(number + 1)"] = file.sha256
    }
    of = parts
    let text = parts.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)\n" }.joined()
    path = "\(folder)/reach/\(try FileDigest(of: Array(text.utf8)).text).json"
  }

  /// The folder of what is measured once; the environment variable `VOXTILE_CACHE` names another one, or none where it is empty.
  private static var folder: String? {
    let variables = ProcessInfo.processInfo.environment
    if let named = variables["VOXTILE_CACHE"] { return named.isEmpty ? nil : named }
    let caches = variables["XDG_CACHE_HOME"] ?? variables["HOME"].map { "\($0)/.cache" }
    return caches.map { "\($0)/voxtile" }
  }

  /// What was measured before; `nil` where nothing was, or its file cannot be read.
  var entry: Entry? {
    guard let bytes = FileManager.default.contents(atPath: path),
      let entry = try? JSONDecoder().decode(Entry.self, from: bytes), entry.of == of, entry.reach != nil
    else { return nil }
    return entry
  }

  /// Keeps what was measured. Where that fails, it will be measured again.
  func keep(_ reach: NetworkReach, device: String, seconds: Double) {
    let entry = Entry(
      of: of, stride: reach.stride.all, radius: reach.radius.all, device: device, seconds: seconds)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do {
      // Whoever may not read the network may not read what is known of it.
      try FileManager.default.createDirectory(
        atPath: path.parentFolder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      try AtomicFile.write([UInt8](try encoder.encode(entry)) + [0x0A], to: path, replacing: true)
    } catch {
      Console.detail("what was measured is not kept: \(error)".printable)
    }
  }
}
