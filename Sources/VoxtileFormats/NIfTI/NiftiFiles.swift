import Voxtile

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The one or two files of an image, by their names.
struct NiftiFiles: Equatable, Sendable {
  /// The file with the header: the only one, or the `.hdr` of a pair.
  var header: String
  /// The `.img` of a pair, or `nil` for a single file.
  var image: String?
  /// Whether names end in `.gz`.
  var isCompressed: Bool

  /// The files that are written under a name: the ending says which.
  init(named path: String) {
    let (stem, ending, isCompressed) = Self.split(path)
    self.isCompressed = isCompressed
    guard ending == "hdr" || ending == "img" else {
      header = path
      return
    }
    let suffix = isCompressed ? String(path.suffix(3)) : ""
    // Companions keep the letter case of the name that was given.
    let isUppercase = path.dropLast(suffix.count).suffix(3).allSatisfy(\.isUppercase)
    header = stem + (isUppercase ? "HDR" : "hdr") + suffix
    image = stem + (isUppercase ? "IMG" : "img") + suffix
  }

  /// The file with the header for a name which may be that of the `.img`: the `.hdr` beside it, compressed or
  /// not, or `nil` where there is none or the name is no `.img`.
  static func existingHeader(forImage path: String) -> String? {
    guard split(path).ending == "img" else { return nil }
    return existing(NiftiFiles(named: path).header)
  }

  /// The file with the voxels for the name of a `.hdr`, or `nil` where there is none.
  static func existingImage(forHeader path: String) -> String? {
    NiftiFiles(named: path).image.flatMap(existing)
  }

  /// The voxels of a pair that is there under these names, compressed or not; `nil` where they may be those of another header.
  var olderImage: String? {
    guard image != nil, access(header, F_OK) == 0 else { return nil }
    let other = isCompressed ? String(header.dropLast(3)) : header + ".gz"
    return access(other, F_OK) == 0 ? nil : Self.existingImage(forHeader: header)
  }

  /// A path, or the same with `.gz` added or taken away, whichever is there.
  private static func existing(_ path: String) -> String? {
    let other = path.lowercased().hasSuffix(".gz") ? String(path.dropLast(3)) : path + ".gz"
    return [path, other].first { access($0, F_OK) == 0 }
  }

  private static func split(_ path: String) -> (stem: String, ending: String, isCompressed: Bool) {
    let isCompressed = path.lowercased().hasSuffix(".gz")
    let name = isCompressed ? path.dropLast(3) : path[...]
    let ending = name.suffix(4).lowercased()
    let isOfPair = ending == ".hdr" || ending == ".img"
    return (String(name.dropLast(3)), isOfPair ? String(ending.dropFirst()) : "", isCompressed)
  }
}
