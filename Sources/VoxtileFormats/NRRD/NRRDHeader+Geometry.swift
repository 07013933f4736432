import Voxtile

extension NRRDHeader {
  /// Where the image lies, in mm.
  struct Geometry {
    var placement: PlacementLPS
    var place: VolumeMetadata.Place
    /// How many of its units of length are a millimeter, along each coordinate of its space.
    var unitsPerMillimeter = [1.0, 1, 1]
    /// What is doubtful.
    var notes: [String] = []
  }

  /// Where the image lies.
  ///
  /// As in ITK: coordinates of a space without sides of the body are taken as LPS, and so are spacings without a space, whose
  /// `axis mins` are the place of the first voxel's center, or of its corner. Neither says which side is left.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where numbers are missing or not finite.
  func geometry(_ axes: NRRDAxes) throws(VoxtileError) -> Geometry {
    guard let space = try space() else { return try geometryOfSpacings(axes) }
    let count = axes.sizes.count
    var geometry = Geometry(
      placement: PlacementLPS(steps: [], origin: []), place: space.isAnatomical ? .world : .spacing,
      unitsPerMillimeter: spaceUnits?.millimeters(0..<3).map { 1 / $0 } ?? [1, 1, 1])
    let units = geometry.unitsPerMillimeter
    let origin = try origin(space)
    var vectors: [[Double]]
    if let directions = try directions(count) {
      vectors = axes.spatial.map { axis in space.steps(directions[axis] ?? [], units) }
    } else {
      let spacings = try spacings(axes)
      // Spacings have units of their own.
      let axisUnits = axisUnits?.millimeters(axes.spatial).map { 1 / $0 }
      vectors = spacings.enumerated().map { axis, spacing in
        space.steps((0..<3).map { $0 == axis ? spacing ?? 1 : 0 }, axisUnits ?? units)
      }
      geometry.place = .spacing
    }
    let isFlat = space.dimension < 3
    Self.complete(&vectors, isFlat: isFlat)
    geometry.placement = PlacementLPS(steps: vectors, origin: space.steps(origin, units))
    if geometry.placement.affine.isSingular(over: axes.spatialSizes + [1, 1]) {
      let sizes = geometry.placement.affine.spacing.all.map { $0 > 0 ? $0 : 1 }
      geometry.placement.steps = (0..<3).map { axis in (0..<3).map { $0 == axis ? sizes[axis] : 0 } }
      geometry.place = .spacing
      geometry.notes.append(
        "has singular space directions, so it does not say which side is left; its voxel sizes alone are used"
      )
    }
    geometry.notes += notes(space)
    let usesAxisUnits = field("space directions") == nil && axisUnits != nil
    geometry.notes += unitNotes(axes, geometry.placement, usesAxes: usesAxisUnits)
    return geometry
  }

  /// Adds the axes that a 2D image lacks.
  private static func complete(_ vectors: inout [[Double]], isFlat: Bool) {
    if vectors.count == 1 { vectors.append(isFlat || vectors[0][1] == 0 ? [0, 1, 0] : [1, 0, 0]) }
    if vectors.count == 2 {
      vectors.append(isFlat ? [0, 0, 1] : PlacementLPS.normal(vectors[0], vectors[1], axis: 2))
    }
  }

  private func origin(_ space: NRRDSpace) throws(VoxtileError) -> [Double] {
    guard let entry = field("space origin") else { return [0, 0, 0] }
    guard let vectors = Self.vectors(entry.value), vectors.count == 1, let origin = vectors[0],
      origin.count == space.dimension
    else { throw entry.error(expected: "one vector of \(space.dimension) numbers") }
    return origin
  }

  /// The distance between voxels along each axis of the image, `nil` where it is not known.
  private func spacings(_ axes: NRRDAxes) throws(VoxtileError) -> [Double?] {
    try numbers("spacings", axes).map { $0.flatMap { $0 == 0 ? nil : $0 } }
  }

  /// A number for each axis of the image; `nil` for NaN, which says that it is not known.
  private func numbers(_ name: String, _ axes: NRRDAxes) throws(VoxtileError) -> [Double?] {
    guard let entry = field(name) else { return axes.spatial.map { _ in nil } }
    let words = entry.value.split(whereSeparator: \.isBlank)
    let numbers = words.compactMap { Double($0) }
    guard words.count == axes.sizes.count, numbers.count == words.count,
      numbers.allSatisfy({ !$0.isInfinite })
    else { throw entry.error(expected: "\(axes.sizes.count) numbers") }
    return axes.spatial.map { numbers[$0].isNaN ? nil : numbers[$0] }
  }

  private func geometryOfSpacings(_ axes: NRRDAxes) throws(VoxtileError) -> Geometry {
    let spacings = try spacings(axes)
    let mins = try numbers("axis mins", axes)
    let centers = field("centers", "centerings")?.value.lowercased().split(whereSeparator: \.isBlank) ?? []
    let millimeters = axisUnits?.millimeters(axes.spatial) ?? [1, 1, 1]
    let sizes = (0..<3).map { $0 < spacings.count ? (spacings[$0] ?? 1) * millimeters[$0] : 1 }
    let origin = (0..<3).map { axis in
      guard axis < mins.count, let least = mins[axis], spacings[axis] != nil else { return 0.0 }
      let index = axes.spatial.lowerBound + axis
      let isNode = index < centers.count && centers[index] == "node"
      return least * millimeters[axis] + (isNode ? 0 : sizes[axis] / 2)
    }
    let placement = PlacementLPS(
      steps: (0..<3).map { axis in (0..<3).map { $0 == axis ? sizes[axis] : 0 } }, origin: origin)
    let hasSpacing = spacings.contains { $0 != nil }
    return Geometry(
      placement: placement, place: hasSpacing ? .spacing : .unknown,
      notes: hasSpacing ? unitNotes(axes, placement, usesAxes: true) : [])
  }

  private func notes(_ space: NRRDSpace) -> [String] {
    var notes: [String] = []
    if !space.isAnatomical, let name = field("space")?.value {
      notes.append(
        "lies in the space \(name), which does not say which side is left; its coordinates are taken as left, posterior, "
          + "superior, as ITK does")
    }
    if field("space directions") == nil {
      notes.append("has a space, but no directions in it; axes are taken to run along those of the space")
    }
    return notes
  }
}

extension NRRDSpace {
  /// A vector of this space in LPS and mm.
  fileprivate func steps(_ vector: [Double], _ unitsPerMillimeter: [Double]) -> [Double] {
    (0..<3).map { $0 < vector.count ? signs[$0] * vector[$0] / unitsPerMillimeter[$0] : 0 }
  }
}
