#pragma once

#include "CSystemProcess.h"
#include "CSystemTerminal.h"
