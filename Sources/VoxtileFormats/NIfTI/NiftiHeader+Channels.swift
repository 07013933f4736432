import Voxtile

extension NiftiHeader {
  /// Codes of NIfTI-1 for what the values along the fifth dimension are.
  private enum Intent {
    /// Matrices, vectors, points and the like.
    static let components = 1004...1010
    static let vector = 1007
    static let rgb = 2003
    static let rgba = 2004
    /// The names of vectors that are colors, by their number of components. ITK knows the code of vectors, and not those above.
    static let colorNames = [2: "gray, alpha", 3: "RGB", 4: "RGBA"]
    /// Where a name is, in both versions.
    static let namePlace = (offsets: (one: 328, two: 508), byteCount: 16)
  }

  /// What the channels of an image with this header are: the fourth dimension is time, and the fifth one has the components of a
  /// voxel.
  ///
  /// - Parameter channels: how many the image has; nothing is known of it where the header has another number.
  func channelMeaning(of channels: Int) -> ChannelMeaning {
    guard let shape = try? shape(), shape.channels == channels, channels > 1 else { return .unknown }
    let axes = rank < 4 ? [] : (4...rank).filter { integer(.dim, $0) > 1 }
    let components = shape.datatype.components
    guard let axis = axes.first else { return shape.datatype.isColor ? .colors : .components }
    guard components == 1, axes.count == 1 else {
      return .axes((components > 1 ? [components] : []) + axes.map { integer(.dim, $0) })
    }
    let intent = integer(.intentCode)
    let name = text(at: Intent.namePlace.offsets, byteCount: Intent.namePlace.byteCount)
    let isNamed = intent == Intent.vector && name == Intent.colorNames[channels]
    if intent == Intent.rgb || intent == Intent.rgba || isNamed { return .colors }
    if axis > 4 || Intent.components.contains(intent) { return .components }
    // Along a spectrum, which is in Hz, ppm or rad/s, there is no time.
    return isSpectrum ? .unknown : .time(stepSeconds: stepSeconds)
  }

  private var isSpectrum: Bool { [32, 40, 48].contains(integer(.units) & 56) }

  /// The time from one volume to the next in seconds, where the header says it with its unit.
  private var stepSeconds: Double? {
    let unit: Double? =
      switch integer(.units) & 56 {
      case 8: 1
      case 16: 1e-3
      case 24: 1e-6
      default: nil
      }
    let step = real(.pixdim, 4)
    guard let unit, step.isFinite, step > 0 else { return nil }
    // Of a `Float`, no more digits than it has.
    return version == .one ? Double("\(Float(step * unit))") : step * unit
  }

  /// Says what the channels of an image are, in a header that has them along its fourth dimension.
  mutating func setChannels(of info: VolumeInfo) {
    if let kept = info.metadata.channelHeader, kept.format == NiftiFormat.name,
      let source = try? NiftiHeader(kept.bytes), source.hasSeries(of: info.channels)
    {
      // As the other header says it, also in a unit that is not known or not one of time.
      set(.pixdim, 4, to: source.real(.pixdim, 4))
      set(.units, to: integer(.units) & ~56 | source.integer(.units) & 56)
      set(.timeOffset, to: source.real(.timeOffset))
      return
    }
    setChannels(info.channelMeaning, count: info.channels)
  }

  /// Whether the channels lie along the fourth dimension alone, and are no components.
  private func hasSeries(of channels: Int) -> Bool {
    guard channels > 1, rank >= 4, integer(.dim, 4) == channels else { return false }
    let meaning = channelMeaning(of: channels)
    return meaning == .unknown || meaning.isTime
  }

  /// Says what channels are that another format has.
  mutating func setChannels(_ meaning: ChannelMeaning, count: Int) {
    switch meaning {
    case .time(let step):
      guard let step, step.isFinite, step > 0 else { return }
      set(.pixdim, 4, to: step)
      set(.units, to: integer(.units) & ~56 | 8)
    case .colors, .components:
      // Components lie along the fifth dimension, where the fourth one has one time point.
      set(.dim, 5, to: count)
      set(.dim, 4, to: 1)
      set(.dim, to: 5)
      set(.intentCode, to: Intent.vector)
      if meaning == .colors, let name = Intent.colorNames[count] {
        setText(name, at: Intent.namePlace.offsets, byteCount: Intent.namePlace.byteCount)
      }
    default: return
    }
  }
}
