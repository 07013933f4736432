import Voxtile
import VoxtileFormats
import VoxtileReport

/// A report with slices as fine as the files behind it, which stay open.
public struct ServedReport: Sendable {
  /// Which slice is asked for.
  struct SliceName: Hashable {
    var layer: Int
    var axis: Int
    var index: Int
  }

  /// What the page shows.
  public private(set) var data: ReportData
  private let slices: [LayerSlices?]
  private let shelf = SliceShelf()

  /// Reads the images of a request. Compressed ones are inflated into scratch files, which go with this value.
  ///
  /// - Throws: what `ReportData.init(_:)` throws, and `VoxtileError.Code.fileAccess` where scratch cannot be
  ///   written.
  /// - Complexity: that of `ReportData.init(_:)`.
  public init(_ request: ReportRequest) throws {
    let images = ViewedImages(of: request)
    data = try ReportData(request, open: images.open)
    slices = try data.layers.map { try LayerSlices(of: $0, in: images) }
  }

  /// Adds a step to what the page says of how it was made.
  public mutating func add(_ step: ReportData.Origin.Step) { data.origin.steps.append(step) }

  /// The page.
  ///
  /// - Throws: what `ReportPage.html()` throws.
  public func page() throws -> [UInt8] {
    let axes = slices.map { slices in
      Axis.allCases.indices.filter { (slices?.count(across: Axis.allCases[$0]) ?? 0) > 0 }
    }
    return try ReportPage(data, finerSlices: axes).html()
  }

  /// The bytes of a slice: values as 32-bit floats, lowest byte first, or of colours three planes of bytes; `nil`
  /// where there is no such slice.
  ///
  /// Slices are read one after another, so that as many requests as there may be take the memory of one.
  ///
  /// - Throws: what reading the file throws.
  func slice(_ name: SliceName) async throws -> [UInt8]? {
    guard slices.indices.contains(name.layer), Axis.allCases.indices.contains(name.axis),
      let layer = slices[name.layer]
    else { return nil }
    let axis = Axis.allCases[name.axis]
    guard (0..<layer.count(across: axis)).contains(name.index) else { return nil }
    return try await shelf.slice(name) {
      let range = layer.together(across: axis, with: name.index)
      return zip(range, try layer.bytes(across: axis, in: range)).map { index, bytes in
        (SliceName(layer: name.layer, axis: name.axis, index: index), bytes)
      }
    }
  }
}

/// The slices that were asked for last.
actor SliceShelf {
  /// The most bytes that are kept beside the slices made last.
  static let mostBytes = 64 << 20

  private var kept: [(name: ServedReport.SliceName, bytes: [UInt8])] = []

  /// A slice that is kept, or is made now, maybe with others.
  func slice(
    _ name: ServedReport.SliceName,
    make: @Sendable () throws -> [(name: ServedReport.SliceName, bytes: [UInt8])]
  ) throws -> [UInt8]? {
    if let index = kept.firstIndex(where: { $0.name == name }) {
      let slice = kept.remove(at: index)
      kept.append(slice)
      return slice.bytes
    }
    let made = try make()
    var room = made.reduce(Self.mostBytes) { $0 - $1.bytes.count }
    let newest = kept.reversed().prefix { slice in
      room -= slice.bytes.count
      return room >= 0
    }
    kept = newest.reversed().filter { slice in !made.contains { $0.name == slice.name } } + made
    return made.first { $0.name == name }?.bytes
  }
}
