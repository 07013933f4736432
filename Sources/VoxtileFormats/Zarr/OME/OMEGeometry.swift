import Voxtile

/// Where an image of OME-Zarr lies.
///
/// OME-Zarr gives the size of a voxel and the place of the first one along the axes of the array, and does not say how these lie
/// in a patient: this is ``VolumeMetadata/Place/spacing``. Where an image has a place in the world, its writer here adds the
/// attribute `voxtile`, which other programs pass over: the map from millimeters along the axes x, y and z to the world.
struct OMEGeometry {
  var affine: Affine
  var place: VolumeMetadata.Place

  /// The attribute with what OME-Zarr cannot say.
  static let attribute = "voxtile"

  /// What the transformations alone say.
  ///
  /// - Parameter transform: `nil` where there is none.
  init(_ axes: [OMEAxis], _ roles: [OMEAxis.Role], _ transform: OMETransform?) {
    affine = Affine(spacing: PerAxis(1))
    place = .unknown
    guard let transform else { return }
    for (index, role) in roles.enumerated() {
      guard case .space(let axis) = role else { continue }
      let unit = axes[index].millimeters ?? 1
      affine.rows[axis.index][axis.index] = transform.scale[index] * unit
      affine.rows[axis.index][3] = transform.translation[index] * unit
      // Without a unit, 1 is what programs write that know of no size.
      let isSaid = axes[index].unit != nil || transform.scale[index] != 1 || transform.translation[index] != 0
      if isSaid { place = .spacing }
    }
  }

  /// Takes the place in the world from the attributes of the image, where a writer here has put it.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where it is not as it should be.
  mutating func apply(_ attributes: JSONValue) throws(VoxtileError) {
    guard let value = attributes[Self.attribute] else { return }
    var fields = try ZarrFields(value, path: Self.attribute)
    place = try fields.take("place", "\"unknown\", \"spacing\" or \"world\"") {
      $0.string.flatMap(VolumeMetadata.Place.init)
    }
    guard fields.optional("world") != nil else { return }
    let world = try fields.take("world", "three rows of four numbers") { value -> [[Double]]? in
      let rows = (value.values ?? []).map { ($0.values ?? []).compactMap(\.number) }
      return rows.count == 3 && rows.allSatisfy { $0.count == 4 } ? rows : nil
    }
    let own = affine.rows
    affine = Affine(
      rows: world.map { row in
        (0..<4).map { column in
          (0..<3).reduce(column == 3 ? row[3] : 0) { $0 + row[$1] * own[$1][column] }
        }
      })
  }
}

extension OMEGeometry {
  /// What a file is to say of where an image lies.
  struct Written {
    /// The size of a voxel in mm.
    let spacing: PerAxis<Double>
    /// Where the first voxel lies along the axes of the array, in mm.
    let translation: PerAxis<Double>
    /// The attribute, where OME-Zarr alone does not say all.
    let attribute: JSONValue?
  }

  /// Splits an affine into what OME-Zarr holds and the rest.
  ///
  /// - Parameter isPlanar: whether there is no axis z.
  static func written(_ metadata: VolumeMetadata, isPlanar: Bool) -> Written {
    let rows = metadata.affine.rows
    let lengths = metadata.affine.spacing
    let spacing = lengths.map { axis, length in length > 0 && !(isPlanar && axis == .z) ? length : 1 }
    let columns = Axis.allCases.map { axis in rows.map { $0[axis.index] / spacing[axis] } }
    let first = rows.map { $0[3] }
    // A flat image has no size along z, whatever its file says of it.
    let isStraight = (0..<9).allSatisfy { index -> Bool in
      let (column, row) = index.quotientAndRemainder(dividingBy: 3)
      if isPlanar, column == 2, row == 2 { return true }
      return columns[column][row] == (row == column ? 1 : 0)
    }
    let isHeld = isStraight && !(isPlanar && (first[2] != 0 || columns[2][2] != 1))
    let translation =
      isStraight ? PerAxis(x: first[0], y: first[1], z: isPlanar ? 0 : first[2]) : PerAxis(0)
    let usual: VolumeMetadata.Place = metadata.place == .unknown ? .unknown : .spacing
    if isHeld, metadata.place == usual {
      return Written(spacing: spacing, translation: translation, attribute: nil)
    }
    let offset = (0..<3).map { first[$0] - translation.all[$0] }
    let world = JSONValue.array(
      (0..<3).map { row in
        .array((columns.map { $0[row] } + [offset[row]]).map(JSONValue.real))
      })
    return Written(
      spacing: spacing, translation: translation,
      attribute: .members(["place": .string(metadata.place.rawValue), "world": isHeld ? nil : world]))
  }
}

extension OMEAxis {
  /// How many millimeters its unit has; `nil` where it has none or one that is not known, which counts as millimeters.
  var millimeters: Double? { unit.flatMap(LengthUnit.millimeters) }
}
