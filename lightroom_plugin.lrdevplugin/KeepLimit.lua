--[[ *Keep about N*: of the kept photos the N best get Autocull's marks, and the others none. No photo is rejected for
it, since there is no reason against it. Pure: no host.
]]

local KeepLimit = {}

-- What the photos are ranked by: the probability by the photographer's own taste where it may decide, else the score.
local function worth(result)
  if result.select and result.select.acts then return result.select.probability end
  return result.score or 0
end

--- Sets `isBeyond` of those kept photos of `judged` (an array of { item, result }) that are beyond the best `most`, and
-- returns their ids. Photos that are as good as the last of the best stay with them. `most` nil: no limit.
function KeepLimit.apply(judged, most)
  local values = {}
  for _, pair in ipairs(judged) do
    if pair.result.verdict == 'keep' then values[#values + 1] = worth(pair.result) end
  end
  if not most or #values <= most then return {} end
  table.sort(values)
  local least, ids = values[#values - most + 1], {}
  for _, pair in ipairs(judged) do
    pair.isBeyond = pair.result.verdict == 'keep' and worth(pair.result) < least
    if pair.isBeyond then ids[#ids + 1] = pair.result.id end
  end
  return ids
end

--- Returns whether a text is empty or a whole number above 0, and that number.
function KeepLimit.parse(text)
  local trimmed = tostring(text or ''):match '^%s*(.-)%s*$'
  if trimmed == '' then return true, nil end
  local number = trimmed:match '^%d+$' and tonumber(trimmed)
  if not number or number < 1 then return false, nil end
  return true, number
end

return KeepLimit
