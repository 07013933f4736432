import Voxtile

/// How the pages of a TIFF make a volume: which page holds which slice of which channel and time point, and how large voxels are.
struct TIFFStack: Sendable {
  /// Slices.
  var depth: Int
  /// Pages for each slice and time point.
  var channels: Int
  /// Time points.
  var frames: Int
  /// The page of each slice of each channel of each time point: slices run fastest, time points slowest.
  var pages: [Int]
  /// How many images follow each other in the one page of a file whose other pages have no fields of their own, as ImageJ writes
  /// stacks of more than 4 GiB; otherwise 1.
  var imagesInPage = 1
  /// The size of a voxel in mm, or `nil` where the file does not say it.
  var spacing: PerAxis<Double>?
  /// Whether the file says how far apart slices are, which a picture has none of.
  var hasDepth = false
  /// What else the description says.
  var names = TIFFNames()
  /// Who wrote the description: `ImageJ` or `OME`; `nil` where neither did.
  var writer: String?
  /// What is doubtful, and how it was understood.
  var notes: [String] = []

  /// Understands the description of a file, which may name the file itself.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where it contradicts the pages or is damaged,
  ///   `VoxtileError.Code.unsupportedFormat` where it names other files.
  init(_ pages: TIFFPages, fileName: String) throws(VoxtileError) {
    let text = pages.text.description
    if OMEImage.isIn(text) {
      self = try OMEImage(text, fileName: fileName).stack(pages)
    } else if ImageJText.isIn(text) {
      self = try ImageJText(text).stack(pages)
    } else {
      self.init(slices: pages)
      names.text = text
    }
  }

  /// Takes all pages for slices but those that are smaller copies or masks.
  init(slices pages: TIFFPages) {
    var numbers = pages.all.indices.filter { pages.all[$0]?.isSecondary == false }
    if numbers.isEmpty { numbers = [0] }
    self.init(depth: numbers.count, channels: 1, frames: 1, pages: numbers)
    let skipped = pages.all.count - numbers.count
    if skipped > 0 {
      notes.append(
        "has \(skipped) \(skipped == 1 ? "page" : "pages") that are smaller copies or masks, which are left out"
      )
    }
    spacing = pages.text.pixelSize.map { PerAxis(x: $0.x, y: $0.y, z: 1) }
    if spacing != nil, depth > 1 { notes.append(Self.noDistanceNote) }
  }

  static let noDistanceNote = "does not say how far apart its slices are; 1 mm is taken"

  init(depth: Int, channels: Int, frames: Int, pages: [Int]) {
    self.depth = depth
    self.channels = channels
    self.frames = frames
    self.pages = pages
  }
}

/// What a description says beside sizes, and is kept from file to file.
struct TIFFNames: Hashable, Sendable {
  /// The name of the image.
  var image = ""
  /// A text for people.
  var text = ""
  /// The names of channels; as many as there are, or none.
  var channels: [String] = []
  /// Seconds from one time point to the next, or 0 where that is not known.
  var frameSeconds = 0.0
}
