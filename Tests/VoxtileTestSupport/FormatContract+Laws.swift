import Foundation
import Voxtile
import VoxtileFormats

extension FormatContract {
  func checkDescription() throws {
    try require(!format.name.isEmpty && !format.title.isEmpty, "a name or title is empty")
    try require(!format.endings.isEmpty, "there are no endings")
    try require(Set(format.endings).count == format.endings.count, "an ending is there twice")
    for ending in format.endings {
      try require(
        ending == ending.lowercased() && !ending.hasPrefix(".") && !ending.isEmpty,
        "'\(ending)' should be lowercase and have no leading dot")
      let found = registry.format(forName: "a.b.\(ending)")
      try require(found == format, ".\(ending) is taken for \(found?.name ?? "no format")")
      guard let patch = format.patchEnding(for: ending) else { continue }
      let owner = registry.format(forName: "a.\(patch)") ?? format
      try require(
        owner.writableEndings.contains(patch) && owner.companionEndings(of: patch).isEmpty,
        "patches cut from .\(ending) are .\(patch), which is not written as a single file")
      try require(owner.patchEnding(for: patch) == patch, ".\(patch) is no ending of patches")
    }
    try require(
      Set(format.writableEndings).isSubset(of: format.endings), "an ending is written and not read")
    try require(registry.format(named: format.name) == format, "the registry does not know the name")
  }

  func checkRoundTrip() throws {
    try forEachFile(of: accepted) { path, image, _ in
      let reader = try registry.open(path)
      let (found, expected) = (reader.info, image.info)
      try require(found.extent == expected.extent, "the extent is \(found.extent)")
      try require(found.channels == expected.channels, "there are \(found.channels) channels")
      try require(found.scalarType == expected.scalarType, "the type is \(found.scalarType.rawValue)")
      try require(found.scaling == nil, "there is a scaling")
      try require(reader.storedBytes() == image.bytes, "voxels differ")
      try require(reader.storedBytes() == image.bytes, "voxels differ when they are read again")
    }
  }

  func checkBoxes() throws {
    var random = SplitMix64(seed: 1)
    try forEachFile(of: few) { path, image, _ in
      let reader = try registry.open(path)
      for _ in 0..<40 {
        let ranges = image.info.extent.sizes.map { _, size in
          let first = Int.random(in: 0..<size, using: &random)
          return first..<Int.random(in: first + 1...size, using: &random)
        }
        let box = Region(x: ranges.x, y: ranges.y, z: ranges.z)
        try require(reader.storedBytes(box) == image.bytes(of: box), "the box \(box) differs")
      }
    }
  }

  func checkSlabs() throws {
    try forEachFile(of: few) { path, image, folder in
      let whole = try files(in: folder)
      for slices in 1...2 {
        try image.write(
          to: path, registry, slices: slices, options: WriteOptions(isReplacing: true, jobs: slices))
        try requireSame(files(in: folder), whole, "files written by \(slices) slices")
      }
    }
  }

  func checkPrefixes() throws {
    try forEachFile(of: few) { path, image, folder in
      for (name, bytes) in try files(in: folder) where !name.hasSuffix("/") {
        for count in Thoroughness.prefixes(of: bytes.count) {
          try writeNewFile(Array(bytes[..<count]), to: "\(folder)/\(name)")
          guard let found = try? registry.open(path).storedBytes() else { continue }
          try require(found == image.bytes, "the first \(count) bytes of \(name) are read as another image")
        }
        // Half of a file never holds all random voxels, nor a header its fields.
        try writeNewFile(Array(bytes[..<(bytes.count / 2)]), to: "\(folder)/\(name)")
        try requireError("half of \(name)") { _ = try registry.open(path).storedBytes() }
        try writeNewFile(bytes, to: "\(folder)/\(name)")
      }
    }
  }

  func checkWholeOrAbsent() throws {
    try forEachFile(of: few) { path, image, folder in
      let old = try files(in: folder)
      var other = ContractImage(
        image.info.extent, channels: image.info.channels, type: image.info.scalarType, isBlank: true)
      other.info.metadata = image.info.metadata
      let error = try requireError("an existing target") { try other.write(to: path, registry) }
      try require(error.code == .targetExists, "an existing target is \(error.code)")
      try requireSame(files(in: folder), old, "after a writer was refused, files")
      for count in [0, image.info.extent.depth] {
        do {
          let replacing = try registry.create(
            path, info: other.info, options: WriteOptions(isReplacing: true))
          try other.write(slices: count, to: replacing)
          let fresh = try registry.create(
            "\(folder)/new.\(registry.ending(of: path) ?? "")", info: other.info)
          try other.write(slices: count, to: fresh)
        }
        try requireSame(
          files(in: folder), old, "after a writer was not finished and had \(count) slices, files")
      }
      try other.write(to: path, registry, options: WriteOptions(isReplacing: true))
      try require(registry.open(path).storedBytes() == other.bytes, "the target was not replaced")
      let replaced = try files(in: folder)
      try withTemporaryFolder { fresh in
        try other.write(to: "\(fresh)/\(path.fileName)", registry)
        try requireSame(replaced, files(in: fresh), "of a target that was replaced and a new one, files")
      }
    }
  }

  func checkPlace() throws {
    let affine = Affine(rows: [[0.1, -1.3, 0.2, -91.7], [0.7, 0.3, 0, 126.3], [0, 0.25, 2.9, -72.1]])
    let images = few.map { image in
      var image = image
      image.info.metadata = VolumeMetadata(affine: affine)
      image.info.isLabelMap = image.info.scalarType.isInteger
      return image
    }
    try forEachFile(of: images) { path, image, _ in
      let info = try registry.open(path).info
      if format.keepsLabelFlag {
        try require(info.isLabelMap == image.info.isLabelMap, "the label flag is \(info.isLabelMap)")
      }
      guard format.keepsPlace else { return }
      let distances = zip(info.metadata.affine.rows.joined(), affine.rows.joined()).map { abs($0 - $1) }
      try require(distances.allSatisfy { $0 < 1e-5 }, "the affine is \(info.metadata.affine.rows)")
    }
  }

  func checkDeclaredSize() throws {
    let sides = Extent(width: 4096, height: 4096)
    let types = accepted.map(\.info.scalarType)
    guard let type = types.first(where: { $0.byteCount == 1 }) ?? types.first else { return }
    let large = ContractImage(sides, channels: 1, type: type, isBlank: true)
    try forEachFile(of: [large]) { path, _, folder in
      if format.mayOmitVoxels {
        let row = Region(x: 0..<sides.width, y: 7..<8)
        try require(registry.open(path).storedBytes(row) == large.bytes(of: row), "absent voxels are others")
        return
      }
      for (name, bytes) in try files(in: folder) where bytes.count > 1024 {
        try writeNewFile(Array(bytes[..<1024]), to: "\(folder)/\(name)")
      }
      try requireError("1 KiB that says it holds \(sides)") { _ = try registry.open(path) }
    }
  }

  func checkContent() throws {
    try forEachFile(of: few) { path, image, folder in
      // A pair of files is found by its names.
      guard try fileNames(in: folder).count == 1 else { return }
      for name in ["unnamed", "image.txt", "image.NII"] {
        try FileManager.default.copyItem(atPath: path, toPath: "\(folder)/\(name)")
        let voxels = try registry.open("\(folder)/\(name)").storedBytes()
        try require(voxels == image.bytes, "\(name) is another image")
      }
    }
  }

  func checkRefusals() throws {
    var images = samples
    images.append(ContractImage(Extent(width: 0, height: 3), channels: 1, type: .uint8))
    for ending in isOnlyRead ? format.endings : format.writableEndings {
      for image in images {
        guard let refusal = format.refusal(of: image.info, ending: ending) else {
          try require(!isOnlyRead, "\(image) is not refused, though no ending is written")
          continue
        }
        try withTemporaryFolder { folder in
          let error = try requireError("\(image), which is refused,") {
            _ = try format.create("\(folder)/image.\(ending)", info: image.info, options: WriteOptions())
          }
          try require(
            error.code == refusal.code && error.message == refusal.message,
            "announced '\(refusal)', threw '\(error)'")
          try require(files(in: folder).isEmpty, "a refused image left a file")
        }
      }
    }
  }

  func checkAccess() throws {
    try forEachFile(of: few) { path, _, _ in
      let promised = registry.isRandomAccess(forName: path)
      let found = try registry.open(path).isRandomAccess
      try require(promised == found, "isRandomAccess is \(promised) by name and \(found) by content")
    }
  }

  /// Makes sure that files have the same names and bytes, and says what differs otherwise.
  private func requireSame(
    _ found: [String: [UInt8]], _ expected: [String: [UInt8]], _ what: @autoclosure () -> String
  ) throws {
    for name in Set(found.keys).union(expected.keys).sorted() where found[name] != expected[name] {
      guard let bytes = found[name], let others = expected[name] else {
        let change = found[name] == nil ? "is missing" : "is one too many"
        throw Violation(description: "\(what()) differ: \(name) \(change)")
      }
      let first = zip(bytes, others).prefix { $0 == $1 }.count
      throw Violation(
        description: """
          \(what()) differ: \(name) has \(bytes.count) bytes and should have \(others.count); from byte \(first) on it has \
          \(bytes[first...].prefix(32)) and should have \(others[first...].prefix(32))
          """)
    }
  }

  /// All files below a folder, hidden ones too, by their paths in it; folders end in a slash and have no bytes.
  private func files(in folder: String) throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: folder) {
      var isFolder = false
      _ = FileManager.default.fileExists(atPath: "\(folder)/\(name)", isDirectory: &isFolder)
      files[isFolder ? name + "/" : name] = isFolder ? [] : try fileBytes("\(folder)/\(name)")
    }
    return files
  }
}
