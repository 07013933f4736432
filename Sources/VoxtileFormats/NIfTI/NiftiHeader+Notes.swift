import Voxtile

extension NiftiHeader {
  /// What is doubtful about where the image lies, and how it was understood; each is a sentence after the name of the file.
  ///
  /// - Precondition: the numbers of the placement in use are finite.
  func notes(_ extent: Extent) -> [String] {
    [unitNote(), singularNote(), contradictionNote(extent), sizeNote(), negativeSizeNote()].compactMap(\.self)
  }

  private func unitNote() -> String? {
    switch integer(.units) & 7 {
    case 0, 2: return nil
    case 1: return "gives lengths in meters, which are converted to mm: " + sizes()
    case 3: return "gives lengths in micrometers, which are converted to mm: " + sizes()
    case let code: return "gives lengths in the unknown unit \(code), taken as mm: " + sizes()
    }
  }

  /// The size of a voxel in words.
  private func sizes() -> String {
    guard let spacing = try? affine().spacing else { return "a size that is not known" }
    let sizes = spacing.all.prefix(rank < 3 ? 2 : 3).map { $0.rounded(toDecimals: 6) }
    return "\(rank < 3 ? "pixels" : "voxels") of \(sizes.joined(separator: " x ")) mm"
  }

  private func singularNote() -> String? {
    guard hasSform, isSformSingular else { return nil }
    let fault = sform.rows.joined().allSatisfy { $0 == 0 } ? "an sform of zeros" : "a singular sform"
    return placement == .qform
      ? "has \(fault); its qform is used instead"
      : "has \(fault) and no qform, so it does not say which side is left; its voxel sizes alone are used"
  }

  /// Where sform and qform put the image in two places.
  private func contradictionNote(_ extent: Extent) -> String? {
    guard placement == .sform, hasQform else { return nil }
    let (used, other) = (inMillimeters(sform), inMillimeters(qform))
    let distance = used.largestDistance(to: other, over: extent)
    guard distance > used.tolerance else { return nil }
    let turned =
      used.orientation == other.orientation ? "" : " (\(used.orientation) and \(other.orientation))"
    return
      "has an sform, code \(codeName(integer(.sformCode))), and a qform, code \(codeName(integer(.qformCode))), that "
      + "place it differently, by up to \(distance.rounded(toDecimals: 3)) mm\(turned); the sform is used"
  }

  /// Where the voxel sizes beside the sform are others; a qform that has them is compared as a whole.
  private func sizeNote() -> String? {
    guard placement == .sform, !hasQform else { return nil }
    let (found, used) = ((1...3).map { real(.pixdim, $0).magnitude }, sform.spacing.all)
    let differs = zip(found, used).enumerated().contains { axis, sizes in
      // A size of 0 says nothing, and neither does one along which there is a single voxel.
      axis < rank && integer(.dim, axis + 1) > 1 && sizes.0 > 0
        && !((sizes.0 - sizes.1).magnitude <= 0.01 * sizes.1)
    }
    guard differs else { return nil }
    func list(_ sizes: [Double]) -> String {
      sizes.map { $0.rounded(toDecimals: 6) }.joined(separator: " x ")
    }
    return "has voxels of \(list(used)) by its sform, but of \(list(found)) by its pixdim; the sform is used"
  }

  private func negativeSizeNote() -> String? {
    let negative = (1...min(rank, 3)).filter { real(.pixdim, $0) < 0 }
    guard !negative.isEmpty else { return nil }
    let list = negative.map { "pixdim[\($0)] = \(real(.pixdim, $0).rounded(toDecimals: 6))" }.joined(
      separator: ", ")
    let turns =
      switch placement {
      case .sform: "the sform says how its axes run"
      case .qform: "the qform says how its axes run"
      case .pixdim: "nothing says how its axes run"
      }
    return "has a negative voxel size (\(list)), whose sign means nothing; \(turns)"
  }
}
