import Voxtile

/// What dcm2niix made of one series, and what it said about it.
///
/// Its words are not passed on, since they may repeat texts of the header; what they mean is said in words of our own.
struct Dcm2niixOutcome: Sendable {
  /// The names of the images that it wrote.
  var images: [String]
  /// What it printed.
  var output: String
  /// Its exit status.
  var status: Int32

  /// The one image that is the series.
  ///
  /// - Throws: `VoxtileError.Code.unsupportedFormat` where it is no volume, with the reason.
  func image() throws(VoxtileError) -> String {
    if says("Interslice distance varies") || images.contains(where: { $0.contains("_Eq") }) {
      throw .noVolume(
        "has slices at uneven distances, so it is no volume\(says("Missing images?") ? "; slices seem to be missing" : "")",
        "get the missing files, or put each evenly spaced part in a folder of its own")
    }
    if hasTilt { return try tilted() }
    if images.count > 1, says("orientation varies") {
      throw .noVolume(
        "has \(images.count) images in different orientations, as rotating projections and localizers have, so it is no volume",
        "name the series of the scan itself")
    }
    guard images.count <= 1 else {
      throw .noVolume(
        "holds \(images.count) images (\(suffixes)), such as echoes, phases or parts, and it is not plain which one is meant",
        "convert it with dcm2niix, and name one of the files")
    }
    guard let image = images.first else {
      throw .noVolume("holds no image that dcm2niix converts", "look at what dcm2niix prints about it")
    }
    guard status == 0 else {
      throw .noVolume(
        "is not converted whole: dcm2niix ends with status \(status)", "look at what dcm2niix prints about it"
      )
    }
    return image
  }

  /// What the user should know about the image: a sentence each.
  var notes: [String] {
    var notes: [String] = []
    if hasTilt {
      notes.append(
        "was scanned with a tilted gantry; dcm2niix has shifted its slices to lie above each other, so values are interpolated"
      )
    }
    if says("Missing images?") {
      notes.append(
        "lacks files by their numbers, though its slices lie at even distances; slices at an end may be missing"
      )
    }
    let others = warnings.filter { line in !Self.knownWarnings.contains { line.contains($0) } }
    if !others.isEmpty {
      notes.append(
        "is doubtful to dcm2niix, which prints \(others.count == 1 ? "a warning" : "\(others.count) warnings") about it; run it to see more"
      )
    }
    return notes
  }

  /// Whether slices do not lie above each other, and nothing was done about it.
  var isTiltUncorrected: Bool { hasTilt && !images.contains { $0.contains("_Tilt") } }

  private var hasTilt: Bool { says("have gantry tilt") || images.contains { $0.contains("_Tilt") } }

  private func tilted() throws(VoxtileError) -> String {
    let corrected = images.filter { $0.contains("_Tilt") }
    guard corrected.count == 1, status == 0 else {
      throw .noVolume(
        "was scanned with a tilted gantry, so its slices do not lie above each other, and dcm2niix does not correct it",
        "resample it to upright slices, for example with 3D Slicer")
    }
    return corrected[0]
  }

  /// What follows the number in the names of the images.
  private var suffixes: String {
    let names = images.prefix(8).map { name in
      String(name.dropLast(4).drop { $0.isNumber }.drop { $0 == "_" })
    }
    return names.map { $0.isEmpty ? "the plain one" : $0 }.joined(separator: ", ")
      + (images.count > 8 ? ", ..." : "")
  }

  private func says(_ words: String) -> Bool { output.contains(words) }

  private var warnings: [Substring] { output.split(separator: "\n").filter { $0.hasPrefix("Warning:") } }

  /// Warnings that are said in other words, or that mean nothing for where voxels lie and what they are.
  private static let knownWarnings = [
    "gantry tilt", "Missing images?", "Unable to determine manufacturer", "Interslice distance varies",
    "Empty protocol name",
  ]
}

extension VoxtileError {
  /// Why a series is not opened, and what to do.
  fileprivate static func noVolume(_ reason: String, _ advice: String) -> VoxtileError {
    VoxtileError(.unsupportedFormat, "is a DICOM series that \(reason); \(advice)")
  }
}
