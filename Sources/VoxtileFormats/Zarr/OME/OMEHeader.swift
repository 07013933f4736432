import Voxtile

/// What is kept of an image of Zarr beside its voxels, so that it comes back when the image, or one like it, is written.
struct OMEHeader: Sendable {
  /// The version of Zarr, 2 or 3.
  var version: Int
  /// The axes of the array, the one that runs slowest first.
  var axes: [OMEAxis]
  /// Their sizes in the whole image.
  var shape: [Int]
  /// Where the values lie, in the units of the axes; `nil` where the file does not say.
  var transform: OMETransform?
  var place: VolumeMetadata.Place
  /// What the file says of the image beside its levels: the members of `ome` such as `omero` and `image-label`.
  var ome: JSONValue
  /// The attributes of others.
  var attributes: JSONValue

  /// The most bytes of attributes that are kept.
  static let maxAttributeBytes = 1 << 20

  /// The header as bytes, which are JSON.
  var bytes: [UInt8] {
    func numbers(_ numbers: [Double]) -> JSONValue { .array(numbers.map(JSONValue.real)) }
    return JSONValue.members([
      "zarr_format": .integer(version), "axes": .array(axes.map(\.value)),
      "shape": .array(shape.map(JSONValue.integer)), "scale": transform.map { numbers($0.scale) },
      "translation": transform.map { numbers($0.translation) }, "place": .string(place.rawValue), "ome": ome,
      "attributes": attributes,
    ]).bytes()
  }

  /// Reads what ``bytes`` gives.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where it is not that.
  init(_ bytes: [UInt8]) throws(VoxtileError) {
    var fields = try ZarrFields(JSONValue(bytes, of: "a header of a Zarr image"))
    version = try fields.take("zarr_format", "2 or 3") { [2, 3].contains($0.integer) ? $0.integer : nil }
    shape = try fields.sizes("shape", rank: nil, in: 1...ZarrArrayMetadata.maxValues)
    let rank = shape.count
    guard (2...ZarrArrayMetadata.maxAxes).contains(rank), shape.product != nil else {
      throw .zarrField("shape", .array(shape.map(JSONValue.integer)), expected: "sizes of 2 to 8 axes")
    }
    let values = try fields.take("axes", "\(rank) axes") { $0.values?.count == rank ? $0.values : nil }
    axes = []
    for (index, value) in values.enumerated() { axes.append(try OMEAxis(value, path: "axes[\(index)]")) }
    _ = try axes.roles()
    place = try fields.take("place", "a place") { $0.string.flatMap(VolumeMetadata.Place.init) }
    ome = fields.optional("ome") ?? .object([])
    attributes = fields.optional("attributes") ?? .object([])
    guard fields.optional("scale") != nil else { return }
    func numbers(_ value: JSONValue) -> [Double]? {
      let numbers = value.values?.compactMap(\.number)
      return numbers?.count == rank ? numbers : nil
    }
    var transform = OMETransform(rank: rank)
    transform.scale = try fields.take("scale", "\(rank) numbers", numbers)
    transform.translation = try fields.take("translation", "\(rank) numbers", numbers)
    self.transform = transform
  }

  /// Creates a header.
  init(
    version: Int, axes: [OMEAxis], shape: [Int], transform: OMETransform?, place: VolumeMetadata.Place,
    attributes: JSONValue
  ) {
    self.version = version
    self.axes = axes
    self.shape = shape
    self.transform = transform
    self.place = place
    (ome, self.attributes) = Self.kept(attributes)
  }

  /// What is kept of the attributes of a group: not the levels, and not what our own writer says anew.
  private static func kept(_ attributes: JSONValue) -> (ome: JSONValue, attributes: JSONValue) {
    var others = attributes
    let nested = others.remove("ome")
    var ome: [JSONValue.Member] = []
    for key in ["omero", "image-label"] {
      let flat = others.remove(key)
      guard var value = nested?[key] ?? flat else { continue }
      // A path from the labels to their image, which is not beside them any more.
      if key == "image-label" { _ = value.remove("source") }
      ome.append(.init(key: key, value: value))
    }
    for key in ["multiscales", "_ARRAY_DIMENSIONS", "labels", OMEGeometry.attribute] {
      _ = others.remove(key)
    }
    let isLong = others.bytes().count + JSONValue.object(ome).bytes().count > maxAttributeBytes
    return isLong ? (.object([]), .object([])) : (.object(ome), others)
  }

  /// What is kept of an image, as a reader gives it on.
  ///
  /// - Parameter affine: the affine of the image.
  func metadata(affine: Affine) -> VolumeMetadata {
    let spaces = axes.count { $0.type == "space" }
    return VolumeMetadata(
      affine: affine, header: .init(format: ZarrFormat.name, bytes: bytes), place: place,
      spatialRank: min(3, max(2, spaces)))
  }
}
