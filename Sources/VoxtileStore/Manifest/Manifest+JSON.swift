import Voxtile
import VoxtileFormats

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension Manifest {
  /// The version that is written.
  static let version = 1

  /// Reads a manifest.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where the file cannot be read,
  ///   `VoxtileError.Code.malformedFile` where it is no manifest, its version is not known, or its patches are not
  ///   those of its grid.
  public init(contentsOf path: String) throws {
    let file = try InputFile(path)
    var bytes = [UInt8](repeating: 0, count: file.byteCount)
    try bytes.withUnsafeMutableBytes { buffer in try file.readExactly(at: 0, into: buffer) }
    do {
      try self.init(json: Data(bytes))
    } catch let error as VoxtileError {
      throw error.inFile(path)
    }
  }

  /// Decodes a manifest from JSON.
  init(json: Data) throws {
    struct Versioned: Decodable { var version: Int }
    do {
      let found = try JSONDecoder().decode(Versioned.self, from: json).version
      guard found == Self.version else {
        throw VoxtileError(
          .malformedFile,
          "is a manifest of version \(found), this program reads version \(Self.version); use a newer one",
          context: .init(expected: "\(Self.version)", found: "\(found)"))
      }
      try self.init(document: JSONDecoder().decode(Document.self, from: json))
    } catch let error as DecodingError {
      throw VoxtileError(.malformedFile, "is not a Voxtile manifest: \(error.reason)")
    }
  }

  /// The manifest as JSON, with sorted keys.
  func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do {
      return try encoder.encode(document) + Data("\n".utf8)
    } catch {
      // JSON has no numbers that are not finite, and the document has nothing else that could fail.
      throw VoxtileError(
        .malformedFile, "has an affine or a scaling that is not finite; repair its header",
        underlying: error)
    }
  }
}

/// The manifest as it stands in the file; every field is described in the guide.
private struct Document: Codable {
  struct Source: Codable {
    var name: String
    var extent: [Int]
    var channels: Int
    var scalarType: ScalarType
    var scaling: VolumeInfo.Scaling?
    var isLabelMap: Bool
    var affine: [[Double]]
    var header: Header?
  }
  struct Header: Codable {
    var format: String
    var bytes: Data
  }
  struct Grid: Codable {
    var patch: [Int]
    var overlap: [Int]
    var edge: [String]
    var padding: String
    var order: PatchOrder
  }
  struct Entry: Codable {
    var index: Int
    var origin: [Int]
    var extent: [Int]
    var file: String
    var checksum: String
  }
  var version: Int
  var source: Source
  var grid: Grid
  var fileExtension: String
  var patches: [Entry]
}

extension Manifest {
  fileprivate var document: Document {
    let header = source.metadata.header.map {
      Document.Header(format: $0.format, bytes: Data($0.bytes))
    }
    return Document(
      version: Self.version,
      source: Document.Source(
        name: source.name, extent: source.extent.sizes.all, channels: source.channels,
        scalarType: source.scalarType, scaling: source.scaling, isLabelMap: source.isLabelMap,
        affine: source.metadata.affine.rows, header: header),
      grid: Document.Grid(
        patch: grid.settings.patch.sizes.all,
        overlap: Axis.allCases.map { axis in
          (try? grid.settings.overlap[axis].voxels(patch: grid.settings.patch[axis], axis: axis)) ?? 0
        },
        edge: grid.settings.edge.all.map(\.description), padding: grid.settings.padding.description,
        order: grid.settings.order),
      fileExtension: fileExtension,
      patches: zip(grid, entries).map { patch, entry in
        Document.Entry(
          index: patch.index,
          origin: Axis.allCases.map { patch.region.origin[$0] },
          extent: patch.region.extent.sizes.all, file: entry.file,
          checksum: entry.checksum.description)
      })
  }

  fileprivate init(document: Document) throws {
    let found = document.source
    guard found.channels >= 1 else {
      throw VoxtileError.badManifest("source.channels", "\(found.channels)", expected: "at least 1")
    }
    guard found.affine.count == 3, found.affine.allSatisfy({ $0.count == 4 }) else {
      throw VoxtileError.badManifest("source.affine", "\(found.affine)", expected: "3 rows of 4 numbers")
    }
    source = Source(
      name: found.name, extent: try Self.extent(found.extent, field: "source.extent"),
      channels: found.channels, scalarType: found.scalarType, scaling: found.scaling,
      isLabelMap: found.isLabelMap,
      metadata: VolumeMetadata(
        affine: Affine(rows: found.affine),
        header: found.header.map {
          VolumeMetadata.Header(format: $0.format, bytes: [UInt8]($0.bytes))
        }))
    if let scaling = found.scaling {
      guard scaling.slope.isFinite, scaling.slope != 0, scaling.intercept.isFinite else {
        throw VoxtileError.badManifest(
          "source.scaling", "\(scaling.slope), \(scaling.intercept)", expected: "a finite slope that is not 0"
        )
      }
    }
    let settings = try Self.settings(document.grid)
    try Self.checkCount(document.patches.count, of: settings, over: source.extent)
    grid = try PatchGrid(over: source.extent, settings: settings)
    fileExtension = document.fileExtension
    entries = try Self.entries(document.patches, of: grid)
  }

  private static func settings(_ found: Document.Grid) throws -> GridSettings {
    guard found.overlap.count == 3 else {
      throw VoxtileError.badManifest("grid.overlap", "\(found.overlap)", expected: "3 numbers")
    }
    let edges = found.edge.compactMap(EdgePolicy.init)
    guard edges.count == 3, found.edge.count == 3 else {
      throw VoxtileError.badManifest("grid.edge", "\(found.edge)", expected: "3 edge policies")
    }
    guard let padding = Padding(found.padding) else {
      throw VoxtileError.badManifest("grid.padding", found.padding, expected: "a padding")
    }
    return GridSettings(
      patch: try extent(found.patch, field: "grid.patch"),
      overlap: PerAxis(
        x: .voxels(found.overlap[0]), y: .voxels(found.overlap[1]), z: .voxels(found.overlap[2])),
      edge: PerAxis(x: edges[0], y: edges[1], z: edges[2]), padding: padding, order: found.order)
  }

  /// Makes sure that there are about as many patches as a grid will have, before its starts are computed: a few
  /// numbers can ask for millions.
  private static func checkCount(_ found: Int, of settings: GridSettings, over image: Extent) throws {
    for axis in Axis.allCases {
      guard case .voxels(let overlap) = settings.overlap[axis] else { continue }
      let patch = settings.patch[axis]
      // What makes no grid at all has a message of its own.
      guard (0..<patch).contains(overlap), image[axis] > patch else { continue }
      let least = (image[axis] - patch) / (patch - overlap) + 1
      guard least <= found else {
        throw VoxtileError.badManifest(
          "patches", "\(found) patches", expected: "at least the \(least) that its grid has along \(axis)")
      }
    }
  }

  private static func extent(_ sizes: [Int], field: String) throws -> Extent {
    guard sizes.count == 3, sizes.allSatisfy({ $0 >= 1 }) else {
      throw VoxtileError.badManifest(field, "\(sizes)", expected: "3 numbers of at least 1")
    }
    let extent = Extent(width: sizes[0], height: sizes[1], depth: sizes[2])
    guard extent.voxelCountIfRepresentable != nil else {
      throw VoxtileError.badManifest(field, "\(sizes)", expected: "a size that can be counted")
    }
    return extent
  }

  private static func entries(_ found: [Document.Entry], of grid: PatchGrid) throws -> [Entry] {
    guard found.count == grid.count else {
      throw VoxtileError.badManifest(
        "patches", "\(found.count) patches", expected: "the \(grid.count) patches of its grid")
    }
    var names: Set<String> = []
    return try zip(grid, found).map { patch, entry in
      let field = "patches[\(patch.index)]"
      let origin = Axis.allCases.map { patch.region.origin[$0] }
      guard entry.index == patch.index, entry.origin == origin,
        entry.extent == patch.region.extent.sizes.all
      else {
        throw VoxtileError.badManifest(
          field, "patch \(entry.index), \(entry.extent) at \(entry.origin)", expected: "\(patch)")
      }
      // A manifest may come from anywhere: it must not lead out of its folder.
      guard !entry.file.isEmpty, !entry.file.contains("/"), !entry.file.contains("\0"),
        entry.file != ".", entry.file != ".."
      else {
        throw VoxtileError.badManifest("\(field).file", entry.file, expected: "a name without a folder")
      }
      guard names.insert(entry.file).inserted else {
        throw VoxtileError.badManifest("\(field).file", entry.file, expected: "a name used once")
      }
      guard let checksum = Checksum(entry.checksum) else {
        throw VoxtileError.badManifest(
          "\(field).checksum", entry.checksum, expected: "crc32: and 8 hexadecimal digits")
      }
      return Entry(file: entry.file, checksum: checksum)
    }
  }
}

extension VoxtileError {
  fileprivate static func badManifest(
    _ field: String, _ found: String, expected: String
  ) -> VoxtileError {
    VoxtileError(
      .malformedFile, "has \(field) = \(found); it should be \(expected)",
      context: .init(expected: expected, found: found))
  }
}

extension DecodingError {
  /// What is wrong and where, in one line.
  fileprivate var reason: String {
    func place(_ context: Context) -> String {
      let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }
      return path.isEmpty ? "" : " at \(path.joined().drop { $0 == "." })"
    }
    switch self {
    case .keyNotFound(let key, let context):
      return "'\(key.stringValue)' is missing" + place(context)
    case .valueNotFound(_, let context):
      return "a value is missing" + place(context)
    case .typeMismatch(let type, let context):
      return "no \(type)" + place(context)
    case .dataCorrupted(let context):
      return (context.codingPath.isEmpty ? "no valid JSON" : "no usable value") + place(context)
    @unknown default:
      return "\(self)"
    }
  }
}
