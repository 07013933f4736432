import Testing
import Voxtile

@testable import VoxtileInference

@Suite("TensorLayout") struct TensorLayoutTests {
  @Test(
    "letters are read in any case",
    arguments: ["NCDHW", "NDHWC", "CDHW", "DHWC", "DHW", "NDHW", "NCHW", "NHWC", "CHW", "HWC", "HW", "NHW"])
  func names(name: String) {
    #expect(TensorLayout(name)?.letters == name && TensorLayout(name.lowercased())?.letters == name)
  }

  @Test(
    "what is no order of axes is refused",
    arguments: ["", "NC", "CNHW", "NDCHW", "NCWH", "NCHWD", "NCCHW", "XYZ", "NN"])
  func refused(name: String) { #expect(TensorLayout(name) == nil) }

  @Test(
    "sizes change places and come back",
    arguments: ["NCDHW", "NDHWC", "CDHW", "DHWC", "DHW", "NDHW", "NCHW", "HWC"])
  func sizes(name: String) throws {
    let layout = try #require(TensorLayout(name))
    let shape = [layout.hasBatch ? 5 : 1, layout.hasChannels ? 2 : 1] + [7, 8, 9].suffix(layout.spatialRank)
    let sizes = layout.sizes(of: shape)
    #expect(layout.shape(of: sizes, one: 1) == shape && sizes.count == layout.rank)
    #expect(layout.isChannelsLast == (sizes.last == 2))
  }

  @Test(
    "the sizes of an input suggest an order",
    arguments: [
      ([nil, nil, nil, nil, nil], "NCDHW"), ([nil, 1, nil, nil, nil], "NCDHW"), ([1, 1, 8, 8, 8], "NCDHW"),
      ([1, 1, 8, 8, 1], "NCDHW"), ([nil, 4, 64, 64, 1], "NCDHW"), ([nil, 1, 2, 3, 4], "NCDHW"),
      ([1, 8, 8, 8, 1], "NDHWC"), ([nil, nil, nil, nil, 1], "NDHWC"), ([1, 96, 96, 64, 4], "NDHWC"),
      ([nil, 3, nil, nil], "NCHW"), ([1, 3, 64, 64], "NCHW"), ([nil, nil, nil, nil], "NCHW"),
      ([nil, nil, nil, 3], "NHWC"), ([1, 64, 64, 3], "NHWC"), ([1, 96, 96, 96], "CDHW"),
      ([1, nil, nil, nil], "CDHW"), ([1, 8, 8, 8], "CDHW"), ([96, 96, 96, 1], "DHWC"),
      ([1, nil, nil], "CHW"), ([64, 64, 3], "HWC"), ([96, 96, 96], "DHW"),
    ] as [([Int?], String)])
  func guesses(sizes: [Int?], name: String) throws {
    let found = try #require(TensorLayout.guessed(from: sizes))
    #expect(found.layout.letters == name && found.isUsual == ["NCDHW", "NCHW"].contains(name))
  }

  @Test(
    "sizes that suggest nothing",
    arguments: [[], [nil, nil], [nil, nil, nil], [8, 8, 8, 8, 8, 8]] as [[Int?]])
  func noGuess(sizes: [Int?]) { #expect(TensorLayout.guessed(from: sizes) == nil) }

  @Test("an output has the order of the input, may lack channels, and may have them elsewhere")
  func outputs() throws {
    let first = try #require(TensorLayout("NCDHW"))
    let input: [Int?] = [1, 1, 8, 9, 10]
    #expect(first.output([], input: input) == first)
    #expect(first.output([1, 2, 8, 9, 10], input: input) == first)
    #expect(first.output([1, 8, 9, 10], input: input)?.letters == "NDHW")
    #expect(first.output([1, 8, 9, 10, 2], input: input)?.letters == "NDHWC")
    #expect(first.output([1, 2, 4, 4, 5], input: input) == first)
    #expect(first.output([1, 2], input: input) == nil)
    let bare = try #require(TensorLayout("DHW"))
    #expect(bare.output([2, 8, 9, 10], input: [8, 9, 10])?.letters == "CDHW")
    #expect(bare.output([8, 9, 10, 2], input: [8, 9, 10])?.letters == "DHWC")
  }
}
