import Voxtile

extension MetaImageHeader {
  /// Where the image lies: the first three dimensions, in mm.
  struct Geometry {
    var placement: PlacementLPS
    var place: VolumeMetadata.Place
    /// How many of its units of length are a millimeter.
    var unitsPerMillimeter: Double
    /// What is doubtful.
    var notes: [String] = []
  }

  /// Where the image lies.
  ///
  /// As in ITK: each dimension has a direction (a row of the matrix) and a size, in LPS. A header with sizes alone does not
  /// say which side is left, and one without them says nothing.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where there are too few numbers, or one is not finite.
  func geometry(_ layout: MetaImageLayout) throws(VoxtileError) -> Geometry {
    let rank = layout.rank
    let matrix = try reals(.matrix, count: rank * rank)
    let offset = try reals(.offset, count: rank)
    var sizes = try reals(.spacing, count: rank)
    let units = try unitsPerMillimeter()
    let isPlaced = matrix != nil || letters != nil
    var geometry = Geometry(
      placement: PlacementLPS(steps: [], origin: []),
      place: isPlaced ? .world : sizes != nil || offset != nil ? .spacing : .unknown,
      unitsPerMillimeter: units)
    if let found = sizes, found.prefix(3).contains(0) {
      sizes = found.map { $0 == 0 ? 1 : $0 }
      geometry.notes.append("has a voxel size of 0 (ElementSpacing), which is taken as 1")
    }
    let scales = sizes ?? [Double](repeating: 1, count: rank)
    geometry.placement = Self.placement(matrix, offset, scales, units)
    if geometry.placement.affine.isSingular(over: layout.shape.extent.sizes.all) {
      geometry.notes.append(
        "has a singular TransformMatrix, so it does not say which side is left; its voxel sizes alone are used"
      )
      geometry.placement = Self.placement(nil, offset, scales, units)
      geometry.place = .spacing
    }
    geometry.notes += notes(geometry, isSizeKnown: sizes != nil)
    return geometry
  }

  private static func placement(
    _ matrix: [Double]?, _ offset: [Double]?, _ sizes: [Double], _ units: Double
  ) -> PlacementLPS {
    let rank = sizes.count
    let steps = (0..<3).map { axis in
      (0..<3).map { coordinate in
        guard axis < rank, coordinate < rank else { return axis == coordinate ? 1.0 : 0 }
        return (matrix?[axis * rank + coordinate] ?? (axis == coordinate ? 1 : 0)) * sizes[axis] / units
      }
    }
    let origin = (0..<3).map { $0 < rank ? (offset?[$0] ?? 0) / units : 0 }
    return PlacementLPS(steps: steps, origin: origin)
  }

  private func unitsPerMillimeter() throws(VoxtileError) -> Double {
    guard let entry = entry(.units) else { return 1 }
    return 1 / (LengthUnit.millimeters(entry.value) ?? 1)
  }

  private func notes(_ geometry: Geometry, isSizeKnown: Bool) -> [String] {
    var notes: [String] = []
    if !isSizeKnown && geometry.place != .unknown {
      notes.append("gives no voxel sizes (ElementSpacing), which are taken as 1 mm")
    }
    if geometry.unitsPerMillimeter != 1, let units = entry(.units)?.value {
      let sizes = geometry.placement.affine.spacing.all.map { $0.rounded(toDecimals: 6) }
      notes.append(
        "gives lengths in \(units), which are converted to mm: voxels of \(sizes.joined(separator: " x ")) mm; programs "
          + "that use ITK take them as mm")
    }
    if let letters, geometry.place == .world {
      let found = Self.anatomicalOrientation(geometry.placement.affine)
      let matrix =
        entry(.matrix) == nil ? "no TransformMatrix, which means" : "a TransformMatrix of orientation"
      if found != letters {
        notes.append("has \(matrix) \(found), but an AnatomicalOrientation of \(letters); the former is used")
      }
    }
    return notes
  }

  /// The letters of the orientation, where the header gives those of three axes.
  private var letters: String? {
    guard let letters = entry(.orientation)?.value, letters.count == 3,
      Set(letters).isSubset(of: Set("RLAPSI"))
    else { return nil }
    return letters
  }

  /// The letters of `AnatomicalOrientation`, which say where each axis comes from: `RAI` for axes that run to the left,
  /// to the back and to the head.
  static func anatomicalOrientation(_ affine: Affine) -> String {
    let opposites: [Character: Character] = ["R": "L", "L": "R", "A": "P", "P": "A", "S": "I", "I": "S"]
    return String(affine.orientation.map { opposites[$0] ?? "?" })
  }
}
