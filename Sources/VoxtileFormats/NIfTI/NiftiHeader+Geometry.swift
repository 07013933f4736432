import Voxtile

extension NiftiHeader {
  /// Which of its ways of placing an image a header uses.
  ///
  /// As nibabel does: the sform where it has a code, else the qform where it has one, else voxel sizes
  /// alone with the center of the image at the origin and x towards the left. Codes outside 1...5 count
  /// as none, and so does a singular sform, as for ITK: it puts all voxels into one plane or point.
  enum Placement: String {
    case sform, qform, pixdim
  }

  /// The way in use.
  var placement: Placement {
    if hasSform && !isSformSingular { return .sform }
    return hasQform ? .qform : .pixdim
  }

  /// Whether the header has an affine matrix.
  var hasSform: Bool { (1...5).contains(integer(.sformCode)) }
  /// Whether there is a rotation.
  var hasQform: Bool { (1...5).contains(integer(.qformCode)) }

  /// Whether the matrix cannot place the voxels of the image: its axes do not span as many dimensions as there are.
  var isSformSingular: Bool {
    sform.isSingular(over: (1...3).map { $0 <= rank ? max(integer(.dim, $0), 1) : 1 })
  }

  /// The affine of the image in mm, by the way in use.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where a number that it needs is not finite.
  func affine() throws(VoxtileError) -> Affine {
    switch placement {
    case .sform:
      try checkFinite(.srow, count: 12)
      return inMillimeters(sform)
    case .qform:
      try checkFinite(.quaternion, count: 3)
      try checkFinite(.qoffset, count: 3)
      try checkFinite(.pixdim, count: 4)
      return inMillimeters(qform)
    case .pixdim:
      try checkFinite(.pixdim, count: 4)
      return inMillimeters(baseAffine)
    }
  }

  /// The affine that version 0.1 read, whose manifests keep it: in the units of the header, and by the sform even where that
  /// is singular.
  var affineOfFirstVersion: Affine { hasSform ? sform : hasQform ? qform : baseAffine }

  /// How many of its units of length are a millimeter: 1000 for micrometers, 0.001 for meters, otherwise 1.
  var unitsPerMillimeter: Double {
    switch integer(.units) & 7 {
    case 1: 0.001
    case 3: 1000
    default: 1
    }
  }

  /// An affine in the units of the header, in mm.
  func inMillimeters(_ affine: Affine) -> Affine {
    let units = unitsPerMillimeter
    return units == 1 ? affine : Affine(rows: affine.rows.map { row in row.map { $0 / units } })
  }

  /// An affine in mm, in the units of the header.
  private func inUnits(_ affine: Affine) -> Affine {
    let units = unitsPerMillimeter
    return units == 1 ? affine : Affine(rows: affine.rows.map { row in row.map { $0 * units } })
  }

  private func checkFinite(_ field: NiftiField, count: Int) throws(VoxtileError) {
    for index in 0..<count where !real(field, index).isFinite {
      throw .nifti(
        field: "\(field.name) [\(index)]", expected: "a finite number", found: "\(real(field, index))")
    }
  }

  /// The matrix as it is stored.
  var sform: Affine {
    Affine(rows: (0..<3).map { row in (0..<4).map { real(.srow, row * 4 + $0) } })
  }

  /// The matrix of the quaternion, the voxel sizes and the offset: `R * diag(dx, dy, qfac * dz)`.
  ///
  /// Source: "method 2" of `nifti1.h`. As in nibabel, a rotation within the precision of the header of half
  /// a turn is one, and a `qfac` other than -1 is 1. A quaternion longer than 1 is scaled to 1.
  var qform: Affine {
    var (b, c, d) = (real(.quaternion, 0), real(.quaternion, 1), real(.quaternion, 2))
    let square = 1 - (b * b + c * c + d * d)
    var a = 0.0
    let precision = version == .one ? Double(Float.ulpOfOne) : Double.ulpOfOne
    if square < 3 * precision {
      let length = (b * b + c * c + d * d).squareRoot()
      (b, c, d) = (b / length, c / length, d / length)
    } else {
      a = square.squareRoot()
    }
    let rotation = [
      [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
      [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
      [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c],
    ]
    var sizes = spatialSizes.all
    if real(.pixdim) == -1 { sizes[2] = -sizes[2] }
    return Affine(
      rows: (0..<3).map { row in
        (0..<3).map { rotation[row][$0] * sizes[$0] } + [real(.qoffset, row)]
      })
  }

  /// The affine of voxel sizes alone, with the center of the image at the origin.
  private var baseAffine: Affine {
    let sizes = spatialSizes
    let diagonal = [-sizes.x, sizes.y, sizes.z]
    return Affine(
      rows: (0..<3).map { row in
        let count = row < rank ? max(integer(.dim, row + 1), 1) : 1
        var values = [0.0, 0, 0, -diagonal[row] * Double(count - 1) / 2]
        values[row] = diagonal[row]
        return values
      })
  }

  /// The sizes of a voxel; a size of 0 counts as 1, and the sign does not count, as in nibabel.
  private var spatialSizes: PerAxis<Double> {
    func size(_ index: Int) -> Double {
      let size = real(.pixdim, index).magnitude
      return size == 0 ? 1 : size
    }
    return PerAxis(x: size(1), y: size(2), z: size(3))
  }
}

// MARK: - Setting

extension NiftiHeader {
  /// The code for coordinates aligned to something that the file does not name, NIFTI_XFORM_ALIGNED_ANAT.
  private static let alignedCode = 2
  /// The code for the scanner's own coordinates, NIFTI_XFORM_SCANNER_ANAT.
  private static let scannerCode = 1

  /// Moves the sform and the qform, each where it is in use, so that they place a box which starts at
  /// another voxel.
  ///
  /// A singular sform becomes the qform, since other programs would take the place of the box from it.
  ///
  /// - Parameters:
  ///   - origin: the voxel of the image at which the box starts.
  ///   - placement: what places the image.
  mutating func moveGeometry(to origin: Position, placedBy placement: Placement) {
    if hasSform && placement == .qform {
      set(.sformCode, to: integer(.qformCode))
      setSform(qform.moved(to: origin))
    } else if hasSform {
      for (row, values) in sform.moved(to: origin).rows.enumerated() {
        set(.srow, row * 4 + 3, to: values[3])
      }
    }
    if hasQform {
      for (row, values) in qform.moved(to: origin).rows.enumerated() {
        set(.qoffset, row, to: values[3])
      }
    }
  }

  /// Writes an affine in mm as sform where a header has voxel sizes only: the place of a crop cannot be said
  /// otherwise. The code claims no more than that the crop is aligned to what it was cut from.
  mutating func setAlignedSform(_ affine: Affine) {
    set(.sformCode, to: Self.alignedCode)
    setSform(inUnits(affine))
  }

  /// Says in a header without geometry where an image of another format lies, in mm.
  ///
  /// Where nobody knows which side is left, the codes stay 0 and only sizes are written, as nibabel does without an affine. A part
  /// of such an image, or one that does not begin at the origin, gets an sform with code 2 that claims no more.
  mutating func setGeometry(of info: VolumeInfo, isPart: Bool) {
    let metadata = info.metadata
    guard metadata.place != .world else { return setGeometry(metadata.affine) }
    setSizes(metadata.spacing)
    let isAtOrigin = metadata.affine.rows.allSatisfy { $0[3] == 0 }
    if isPart || !isAtOrigin { setAlignedSform(metadata.affine) }
  }

  private mutating func setSizes(_ spacing: PerAxis<Double>) {
    for (index, size) in spacing.all.enumerated() { set(.pixdim, index + 1, to: size > 0 ? size : 1) }
  }

  /// Replaces all geometry by an affine in mm: as sform, and as qform where that can express it.
  mutating func setGeometry(_ affine: Affine) {
    if unitsPerMillimeter != 1 { set(.units, to: integer(.units) & ~7 | 2) }
    set(.sformCode, to: Self.scannerCode)
    setSform(affine)
    setSizes(affine.spacing)
    guard let (quaternion, sign) = affine.quaternion else {
      set(.qformCode, to: 0)
      return
    }
    set(.qformCode, to: Self.scannerCode)
    set(.pixdim, 0, to: sign)
    for index in 0..<3 {
      set(.quaternion, index, to: quaternion[index])
      set(.qoffset, index, to: affine.rows[index][3])
    }
  }

  private mutating func setSform(_ affine: Affine) {
    for (row, values) in affine.rows.enumerated() {
      for (column, value) in values.enumerated() { set(.srow, row * 4 + column, to: value) }
    }
  }
}
