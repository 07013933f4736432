import Synchronization
import Voxtile
import VoxtileFormats
import VoxtileReport

/// A report that can read slices at full resolution, because it keeps its files open.
public struct ServedReport: Sendable {
  /// Identifies a slice.
  struct SliceName: Hashable {
    var layer: Int
    var axis: Int
    var index: Int
  }

  /// The data that the page shows.
  package private(set) var data: ReportData
  private let slices: [LayerSlices?]
  private let shelf = SliceShelf()

  /// Reads the images of a request. Compressed images are decompressed into scratch files, which are deleted together
  /// with this value.
  ///
  /// - Parameter request: the images, the grid and the options.
  /// - Throws: any error of `ReportData.init(_:)`, and `VoxtileError.Code.fileAccess` if a scratch file cannot be
  ///   written.
  /// - Complexity: the same as `ReportData.init(_:)`.
  public init(_ request: ReportRequest) throws { try self.init(request, telling: nil) }

  /// Reads the images of a request, and tells what has been read of the first one.
  init(_ request: ReportRequest, telling preparation: Preparation?) throws {
    let images = ViewedImages(of: request, telling: preparation)
    data = try ReportData(request, open: images.open)
    slices = try data.layers.map { try LayerSlices(of: $0, in: images) }
  }

  /// Adds a timed step to the description of how the report was made.
  package mutating func add(_ step: ReportData.Origin.Step) { data.origin.steps.append(step) }

  /// Renders the page.
  ///
  /// - Throws: any error of `ReportPage.html()`.
  func page() throws -> [UInt8] {
    let axes = slices.map { slices in
      Axis.allCases.indices.filter { (slices?.count(across: Axis.allCases[$0]) ?? 0) > 0 }
    }
    return try ReportPage(data, finerSlices: axes).html()
  }

  /// Reads a slice: little-endian 32-bit floats, or three planes of bytes for color. Returns `nil` if the slice does not
  /// exist.
  ///
  /// Slices are read one at a time, so concurrent requests need no more memory than one request.
  ///
  /// - Throws: any error from reading the file.
  func slice(_ name: SliceName) throws -> [UInt8]? {
    guard slices.indices.contains(name.layer), Axis.allCases.indices.contains(name.axis),
      let layer = slices[name.layer]
    else { return nil }
    let axis = Axis.allCases[name.axis]
    guard (0..<layer.count(across: axis)).contains(name.index) else { return nil }
    return try shelf.slice(name) {
      let range = layer.together(across: axis, with: name.index)
      return zip(range, try layer.bytes(across: axis, in: range)).map { index, bytes in
        (SliceName(layer: name.layer, axis: name.axis, index: index), bytes)
      }
    }
  }
}

/// A cache of the most recently used slices, for several threads. One at a time reads.
final class SliceShelf: Sendable {
  /// The maximum size of the cache in bytes. The newest slices are always kept, even if they alone exceed it.
  static let maxBytes = 64 << 20

  private let shelf = Mutex<[(name: ServedReport.SliceName, bytes: [UInt8])]>([])

  /// Returns a slice from the cache, or calls `make`, which may also return other slices to keep.
  func slice(
    _ name: ServedReport.SliceName,
    make: @Sendable () throws -> [(name: ServedReport.SliceName, bytes: [UInt8])]
  ) throws -> [UInt8]? {
    try shelf.withLock { kept in
      if let index = kept.firstIndex(where: { $0.name == name }) {
        let slice = kept.remove(at: index)
        kept.append(slice)
        return slice.bytes
      }
      let made = try make()
      var room = made.reduce(Self.maxBytes) { $0 - $1.bytes.count }
      let newest = kept.reversed().prefix { slice in
        room -= slice.bytes.count
        return room >= 0
      }
      kept = newest.reversed().filter { slice in !made.contains { $0.name == slice.name } } + made
      return made.first { $0.name == name }?.bytes
    }
  }
}
